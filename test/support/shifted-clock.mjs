// Loaded before a function: to it, it is as much later as the variable says. Not TypeScript, like the bootstrap.
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
