import { RekeyError } from '../../../lib/core/errors.ts';
import { SECOND } from '../../../lib/core/time.ts';
import { Unmet } from './session.ts';

/** The text of an error. That of any other class may hold a secret, so it has only its name. */
export function textOf(error: unknown): string {
  if (error instanceof RekeyError) return `${error.message} (${error.code})`;
  if (error instanceof Unmet) return error.message;
  return `an unexpected ${error instanceof Error ? error.name : typeof error}`;
}

/** A shorter secret is not masked: the gaps in ordinary words would reveal it. */
const SHORTEST = 8;

/** Prints lines in which no secret is left. */
export function printer(print: (line: string) => void, secrets: readonly string[]) {
  const masked = secrets.filter(({ length }) => length >= SHORTEST);
  return (line: string): void =>
    print(masked.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line));
}

/** The seconds since a time, as `1.2 s`. */
export const since = (begun: Date, now: Date): string =>
  `${((now.getTime() - begun.getTime()) / SECOND).toFixed(1)} s`;
