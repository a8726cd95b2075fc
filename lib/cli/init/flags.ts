import { didYouMean } from '../../core/fleet/similar.ts';
import type { Provider } from '../../core/provider.ts';
import { shellWord } from '../../wiring/shell.ts';
import type { InitFlags } from '../context.ts';
import type { Field } from './fields.ts';
import { inline } from './fleet-text.ts';
import { misused } from './refused.ts';

/** The provider with this name. Throws if there is none. */
export function providerNamed(
  name: string | undefined,
  providers: Readonly<Record<string, Provider>>,
): Provider {
  const names = Object.keys(providers);
  if (name === undefined) throw misused(`missing --provider: one of ${names.join(', ')}`);
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (provider) return provider;
  const meant = didYouMean(name, names) || `; expected one of ${names.join(', ')}`;
  throw misused(`unknown provider ${name}${meant}`);
}

/** The values of `--param key=value`. An unknown key stays, and the schema refuses it. */
export function paramsOf(
  given: readonly string[],
  fields: readonly Field[],
): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (!key) throw misused(`--param: expected key=value, such as ${example(fields[0])}`);
      const field = fields.find((one) => one.key === key);
      return [key, field ? field.read(value) : value];
    }),
  );
}

/** Throws if a flag is missing that a person would be asked for. */
export function refuseMissing(
  { fleetId, target }: InitFlags,
  fields: readonly Field[],
  params: Readonly<Record<string, unknown>>,
): void {
  const missing = [
    ...(fleetId === undefined ? ['--fleet-id'] : []),
    ...(target === undefined ? ['--target'] : []),
    ...fields
      .filter(({ key, required }) => required && !Object.hasOwn(params, key))
      .map((field) => `--param ${example(field)}`),
  ];
  if (missing.length > 0)
    throw misused(`missing ${missing.join(', ')}; on a terminal, rekey init asks for them`);
}

function example(field: Field | undefined): string {
  const { key = 'key', example: value } = field ?? {};
  return value === undefined ? `${key}=…` : shellWord(`${key}=${inline(value)}`);
}
