import { basename, resolve } from 'node:path';
import { providers } from '../../providers/index.ts';
import type { InitFlags } from '../context.ts';
import { askedDraft, draftOf } from './answers.ts';
import { appFiles } from './app.ts';
import type { Ask } from './ask.ts';
import { fleetText } from './fleet-text.ts';
import { entriesOf, refuseFile, writeNew } from './folder.ts';
import { nextSteps } from './next.ts';
import { misused, refused } from './refused.ts';

const FLEET_FILE = 'rekey.yaml';

/** The surroundings of `rekey init`. */
export interface Place {
  /** The folder that it writes into. */
  readonly folder: string;
  /** Asks for what the flags leave open; absent if there is no terminal. */
  readonly ask?: Ask | undefined;
  readonly print: (line: string) => void;
}

/**
 * `rekey init`: writes a fleet file with one target, and a CDK app around it if that is wanted.
 * Overwrites nothing.
 */
export async function init(flags: InitFlags, { folder, ask, print }: Place): Promise<void> {
  const { fleet: file } = flags;
  refuseFile(folder, file);
  const entries = entriesOf(folder);
  if (flags.app) refuseApp(file, folder, entries);
  const draft = ask
    ? await askedDraft(flags, providers, basename(resolve(folder)), ask)
    : draftOf(flags, providers);
  const app = flags.app ?? (file === FLEET_FILE && entries.length === 0 && (await wanted(ask)));
  const files = { [file]: fleetText(draft), ...(app && appFiles(folder, draft.fleet)) };
  writeNew(folder, files);
  print(`wrote ${Object.keys(files).join(', ')}`);
  print('');
  for (const line of nextSteps(draft, file, app)) print(line);
}

const wanted = async (ask: Ask | undefined): Promise<boolean> =>
  (await ask?.confirm('The folder is empty. Write a whole CDK app that deploys this fleet?')) ??
  false;

function refuseApp(file: string, folder: string, entries: readonly string[]): void {
  if (file !== FLEET_FILE)
    throw misused(`--app: its fleet file is ${FLEET_FILE}; leave out --fleet`);
  if (entries.length === 0) return;
  const some = entries.slice(0, 3).join(', ') + (entries.length > 3 ? ', …' : '');
  throw refused(
    `${resolve(folder)} has files (${some}), and --app needs an empty folder; ` +
      'leave out --app to write the fleet file alone',
  );
}
