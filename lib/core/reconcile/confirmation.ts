import { type Due, endOfLife } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import { type Confirmation, labels, labelsOf, type Version } from '../ledger/index.ts';
import { latest, plus, stamp } from '../time.ts';
import { publish } from './publish.ts';
import { now, type Run } from './run.ts';

/**
 * Resolves to true if so many targets were reported as compromised that their credentials may end
 * early only after a confirmation.
 */
export type Brake = () => Promise<boolean>;

/**
 * Checks the brake before rekey acts on a report of compromise, and again right before a credential
 * ends for it: more targets may have been reported meanwhile. If the brake is on, a label records
 * that, and `decide` knows it from then on. True if the label was written now.
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
    // it was reported again, or confirmed, at this moment
    if (!hasCode(error, 'lost-race')) throw error;
    await run.record.refresh();
  }
  return true;
}

/** If the look at the fleet fails, a rotation goes ahead; the end of a credential does not. */
async function isOn({ target }: Run, { action }: Due, brake: Brake): Promise<boolean> {
  try {
    return await brake();
  } catch (error) {
    if (action === 'rotate' && error instanceof RekeyError) return false;
    throw error instanceof RekeyError
      ? new RekeyError(
          error.code,
          `${target.name}: cannot count the reports of compromise: ${error.message}`,
        )
      : error;
  }
}

/** True if a credential is about to end only because of a report that has no confirmation. */
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
 * The current version, if a report is the reason to supersede it: the announcement of its successor
 * includes the end of its credential.
 */
function superseding({ record }: Run, { action, reason }: Due): Version | undefined {
  const { current } = record.ledger;
  return action === 'rotate' && reason === 'compromised' && !current?.confirmation
    ? current
    : undefined;
}

/** The version that holds the latest report that covers this credential. */
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
 * Announces to the reporter that the credentials do not end early without a confirmation, and when
 * they end without one.
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
