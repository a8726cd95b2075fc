import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { Providers } from '../../../lib/core/fleet/index.ts';
import { parseJson } from '../../../lib/core/json.ts';
import { MINUTE, parseDuration } from '../../../lib/core/time.ts';
import type { Given } from './account.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The text of `npm run live -- --help`. */
export const help = `npm run live -- --provider NAME [OPTIONS]

Runs the contract of a provider against the real vendor: it issues two credentials under its own
labels, checks them at the registry, and revokes them. Ctrl-C revokes them too.

  --provider NAME    the provider, as in a fleet file
  --providers FILE   a file with your own providers
  --within DURATION  how long the registry may take to follow a change (default 5m)
  --allow RANGE      a private range of addresses, such as 10.0.0.0/8, for your own installation

  REKEY_LIVE_ADMIN       the content of the admin secret: JSON, or a token
  REKEY_LIVE_ADMIN_FILE  or the path of a file with it
  REKEY_LIVE_PARAMS      the params of the fleet file, as JSON
  REKEY_LIVE_REPOSITORY  a repository that the credentials must be granted (default: none)
  REKEY_LIVE_ACTIONS     the actions on it (default pull)
  REKEY_LIVE_REGISTRY    the registry's host, if it is not the credential's own
`;

interface Inputs extends Given {
  /** Address ranges that are allowed in addition to public ones. */
  readonly allow: readonly string[];
}

/** Thrown for `--help`. */
export class Help extends Error {}

/**
 * Reads the options and the environment. Throws `bad-fleet` or `admin-missing` with one sentence
 * about the first thing that is missing or wrong.
 */
export function readInputs(
  args: readonly string[],
  env: Env,
  load: (file: string | undefined) => Providers,
): Inputs {
  const options = optionsOf(args);
  if (options.help) throw new Help();
  const providers = load(options.providers);
  const name = options.provider ?? '';
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (!provider)
    throw wrong(
      `--provider: ${name || 'missing'}; expected one of ${Object.keys(providers).join(', ')}`,
    );
  const within = options.within === undefined ? 5 * MINUTE : parseDuration(options.within);
  if (within === undefined)
    throw wrong(`--within: ${options.within}; expected a duration, such as 5m`);
  const params = parseJson(env.REKEY_LIVE_PARAMS || '{}');
  if (typeof params !== 'object' || params === null)
    throw wrong('REKEY_LIVE_PARAMS: not a JSON object; expected the params of the fleet file');
  const repository = env.REKEY_LIVE_REPOSITORY;
  const actions = (env.REKEY_LIVE_ACTIONS || 'pull').split(',');
  return {
    ...{ provider, within, params, admin: adminOf(env), allow: options.allow ?? [] },
    ...(repository && { access: { repository, actions } }),
    host: env.REKEY_LIVE_REGISTRY || undefined,
  };
}

function optionsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ provider: text, providers: text, within: text },
        allow: { type: 'string', multiple: true },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw wrong(`${(error as Error).message}; see npm run live -- --help`);
  }
}

function adminOf(env: Env): string {
  if (env.REKEY_LIVE_ADMIN) return env.REKEY_LIVE_ADMIN;
  const file = env.REKEY_LIVE_ADMIN_FILE;
  const missing = (what: string) => new RekeyError('admin-missing', what);
  if (!file)
    throw missing('REKEY_LIVE_ADMIN: missing; expected the content of the admin secret, or a file');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw missing(`REKEY_LIVE_ADMIN_FILE: ${file} cannot be read; expected a file`);
  }
}

const wrong = (text: string) => new RekeyError('bad-fleet', text);
