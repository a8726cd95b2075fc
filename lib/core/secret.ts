import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that is masked when it is printed, serialized or inspected. It is wrapped where it enters
 * the program and unwrapped in the one call that needs it: `grep -rn 'reveal()'` is the audit.
 */
export class Secret {
  readonly #value: string;

  /** Wraps a value. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Pass it on at once; never keep it in a variable that outlives the call. */
  reveal(): string {
    return this.#value;
  }

  /** Always `[secret]`. */
  toString(): string {
    return MASK;
  }

  /** Always `[secret]`. */
  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
