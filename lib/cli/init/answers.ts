import { RekeyError } from '../../core/errors.ts';
import { formatIssue } from '../../core/fleet/index.ts';
import type { Provider } from '../../core/provider.ts';
import type { InitFlags } from '../context.ts';
import type { Ask } from './ask.ts';
import { type Draft, flagOf, problemsOf, sentence } from './draft.ts';
import { type Field, fieldsOf } from './fields.ts';
import { paramsOf, providerNamed, refuseMissing } from './flags.ts';
import { inline } from './fleet-text.ts';
import { pageUrl } from './pages.ts';

type Providers = Readonly<Record<string, Provider>>;

/** Reads a fleet of one target from the flags. Throws if one is missing or refused. */
export function draftOf(flags: InitFlags, providers: Providers): Draft {
  const provider = providerNamed(flags.provider, providers);
  const fields = fieldsOf(provider);
  const params = paramsOf(flags.param, fields);
  refuseMissing(flags, fields, params);
  return accepted(drafted(flags, provider, params));
}

/**
 * Asks for what the flags leave open.
 *
 * @param folder name of the folder, a first idea for the fleet's id
 */
export async function askedDraft(
  flags: InitFlags,
  providers: Providers,
  folder: string,
  ask: Ask,
): Promise<Draft> {
  const names = Object.keys(providers);
  const chosen = flags.provider ?? (await ask.choose('Provider of the registry', names));
  const provider = providerNamed(chosen, providers);
  ask.say(`${provider.name}: ${pageUrl(`providers/${provider.name}.md`)}`);
  const fields = fieldsOf(provider);
  let draft = drafted(flags, provider, paramsOf(flags.param, fields));
  if (flags.fleetId === undefined) {
    const message = 'Id of the fleet: part of every label at the provider, and fixed from then on';
    const set = (fleet: string) => ({ ...draft, fleet });
    const initial = problemAt(set(folder), '--fleet-id') ? undefined : folder;
    const problem = (answer: string) => problemAt(set(answer), '--fleet-id');
    draft = set(await ask.text({ message, initial, problem }));
  }
  if (flags.target === undefined) {
    const message = `Name of the target: its secret is called rekey/${draft.fleet}/<name>`;
    const set = (name: string) => ({ ...draft, name });
    const problem = (answer: string) => problemAt(set(answer), '--target');
    draft = set(await ask.text({ message, problem }));
  }
  for (const { key, description, example, read } of open(fields, draft)) {
    const set = (text: string) => ({ ...draft, params: { ...draft.params, [key]: read(text) } });
    const initial = example === undefined ? undefined : inline(example);
    const problem = (answer: string) => problemAt(set(answer), `--param ${key}`);
    draft = set(await ask.text({ message: `${key}: ${description}`, initial, problem }));
  }
  return accepted(draft);
}

const drafted = (flags: InitFlags, provider: Provider, params: Draft['params']): Draft => ({
  fleet: flags.fleetId ?? '',
  name: flags.target ?? '',
  provider,
  admin: flags.admin ?? `rekey/admin/${provider.name}`,
  params,
});

/** The required parameters that are not set; else those that the schema asks for, as one of two. */
function open(fields: readonly Field[], draft: Draft): readonly Field[] {
  const unset = fields.filter(({ key }) => !Object.hasOwn(draft.params, key));
  const required = unset.filter((field) => field.required);
  if (required.length > 0) return required;
  return unset.filter(({ key }) => problemAt(draft, `--param ${key}`) !== undefined);
}

/** The problem of a value, or of a part of it. */
function problemAt(draft: Draft, flag: string): string | undefined {
  const found = problemsOf(draft).find(({ path }) => {
    const at = flagOf(path);
    return at === flag || at.startsWith(`${flag}.`) || at.startsWith(`${flag}[`);
  });
  return found && formatIssue(found);
}

/** The draft, if a fleet file may say that. */
function accepted(draft: Draft): Draft {
  const problems = problemsOf(draft).map(sentence);
  if (problems.length > 0) throw new RekeyError('bad-fleet', problems.join('\n'));
  return draft;
}
