// Loaded before a function, whose clock it moves ahead by the value of the variable. It is not
// TypeScript, for the same reason as the bootstrap.
const shift = Number(process.env.REKEY_TEST_SHIFT ?? 0);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + shift] : given));
  }

  static now() {
    return RealDate.now() + shift;
  }
};
