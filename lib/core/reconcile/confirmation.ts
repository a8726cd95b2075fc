import { type Due, endOfLife } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import { type Confirmation, labels, labelsOf, type Version } from '../ledger/index.ts';
import { latest, plus, stamp } from '../time.ts';
import { publish } from './publish.ts';
import { now, type Run } from './run.ts';

/**
 * Whether too many targets were reported as compromised for their credentials to end early, unless
 * somebody confirms it.
 */
export type Brake = () => Promise<boolean>;

/**
 * Asks the brake before a report of compromise is acted on, and again right before a credential is
 * ended for it: others may have been reported meanwhile. If it is on, that is written down, and
 * from then on `decide` knows. True if it was written down now.
 */
export async function awaitsConfirmation(
  run: Run,
  due: Due,
  brake: Brake | undefined,
): Promise<boolean> {
  const version = endsEarly(run, due) ? due.version : superseding(run, due);
  if (!brake || !version || !(await isOn(run, due, brake))) return false;
  const on = latestReport(run, version);
  if (!on) return false;
  try {
    await write(run, on, 'awaited-untold');
  } catch (error) {
    // somebody reported it again, or confirmed it, at this moment
    if (!hasCode(error, 'lost-race')) throw error;
    await run.record.refresh();
  }
  return true;
}

/** A rotation does not wait for a look at the fleet that fails; what ends a credential does. */
async function isOn({ target }: Run, { action }: Due, brake: Brake): Promise<boolean> {
  try {
    return await brake();
  } catch (error) {
    if (action === 'rotate' && error instanceof RekeyError) return false;
    throw error instanceof RekeyError
      ? new RekeyError(
          error.code,
          `${target.name}: how many are reported as compromised is not known: ${error.message}`,
        )
      : error;
  }
}

/**
 * What is due is the end of a credential, and only due because somebody reported it, and nobody
 * confirmed that.
 */
function endsEarly(run: Run, { action, version }: Due): boolean {
  if (!version?.compromisedAt || version.confirmation || version.discarded) return false;
  const time = now(run);
  if (action === 'delete')
    return version.disabledAt !== undefined && plus(version.disabledAt, run.target.soak) > time;
  return (
    action === 'revoke' &&
    (endOfLife(run.target, { ...version, confirmation: 'awaited' })?.at ?? time) > time
  );
}

/**
 * The current version that is to be superseded since somebody reported it: when its credential ends
 * is announced with the successor.
 */
function superseding({ record }: Run, { action, reason }: Due): Version | undefined {
  const { current } = record.ledger;
  return action === 'rotate' && reason === 'compromised' && !current?.confirmation
    ? current
    : undefined;
}

/** The version on which the latest report is written that speaks of this one. */
function latestReport({ record }: Run, { credential }: Version): Version | undefined {
  const speaks = record.ledger.versions.filter(
    ({ reported }) => reported && credential && credential.issuedAt <= reported.at,
  );
  return speaks.sort((a, b) => Number(b.reported?.at) - Number(a.reported?.at))[0];
}

async function write({ record }: Run, version: Version, confirmation: Confirmation): Promise<void> {
  const { id, reported } = version;
  if (!reported) return;
  await record.replace(
    labelsOf(version, 'compromised'),
    labels.compromised(id, { ...reported, confirmation }),
    id,
  );
}

/**
 * Tells whoever reported a compromise that the credentials do not end early before that is
 * confirmed, and when they end without it.
 */
export async function reportAwaited(run: Run, version: Version): Promise<void> {
  const { reported } = version;
  if (reported?.confirmation !== 'awaited-untold') return;
  const ends = run.record.ledger.versions
    .filter(({ confirmation, current }) => confirmation === 'awaited' && !current)
    .flatMap((one) => endOfLife(run.target, one)?.at ?? []);
  const until = ends.length > 0 && { until: latest(...ends).toISOString() };
  const data = {
    request: 'Credential Compromised',
    versionId: version.id,
    gate: 'unconfirmed',
    ...until,
    final: false,
  } as const;
  await publish(run, ['Request Held', `${version.id} ${stamp(reported.at)} unconfirmed`, data]);
  await write(run, version, 'awaited');
}
