import { backoffEnd, limitOf, wanted } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import type { Version } from '../ledger/index.ts';
import { secretRecord } from '../ledger/record.ts';
import { parseValue } from '../ledger/value.ts';
import { announceVersion } from './announce.ts';
import type { Engine } from './engine.ts';
import { backOff, ours, passedOn } from './failure.ts';
import { candidateLogin } from './finish.ts';
import { limitCodes } from './limits.ts';
import { proveAccepted } from './prove.ts';
import { requester } from './requester.ts';
import { createCandidate, promote } from './rotate.ts';
import { now, type Run } from './run.ts';

/**
 * The four steps of a rotation by Secrets Manager, each a call of the rotation function.
 * docs.aws.amazon.com/secretsmanager, rotate-secrets_lambda-functions.
 */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** A step of a rotation by Secrets Manager. */
export type RotationStep = (typeof rotationSteps)[number];

/** One call of the rotation function. */
interface Invocation {
  readonly step: RotationStep;
  /**
   * Id of the version to rotate into: Secrets Manager has put AWSPENDING on it, and it has no value
   * yet.
   */
  readonly version: string;
  readonly rotationToken?: string | undefined;
}

/**
 * Carries out one step, by the same transitions as a rotation by rekey. A step may come twice,
 * late, or while a worker finishes the same rotation: a step that is already done succeeds. The
 * worker does the rest after the promotion (grace, revocation). Throws any error, so that Secrets
 * Manager tries again; it is announced and starts a backoff like any failure.
 */
export async function rotationStep(
  engine: Engine,
  target: Target,
  { step, version, rotationToken }: Invocation,
  options: { readonly signal: AbortSignal; readonly correlationId: string },
): Promise<void> {
  // the provider has had the credential since it issued it
  if (step === 'setSecret') return;
  const provider = engine.providers[target.provider];
  if (!provider)
    throw new RekeyError('bad-fleet', `${target.name}: there is no provider ${target.provider}`);
  const record = secretRecord(engine.store, target.secret, options.signal);
  const run: Run = {
    engine,
    target,
    record,
    provider,
    rotationToken,
    ...options,
    progress: {},
  };
  if (step === 'testSecret') return proveStored(run, version);
  run.progress.seen = now(run);
  await record.refresh();
  const candidate = record.ledger.versions.find(({ id }) => id === version);
  if (candidate?.current) return announced(run, candidate);
  if (!candidate?.staged && !candidate?.candidate) {
    throw new RekeyError('rejected', `the version to rotate ${record.name} into is not AWSPENDING`);
  }
  if (step === 'createSecret' && !candidate.credential) await refuseAtLimit(run, candidate);
  const decision = {
    action: 'rotate',
    reason: reasonOf(run),
    message: step,
    at: now(run),
    version: candidate,
  } as const;
  const { current } = record.ledger;
  run.correlationId =
    requester(record.ledger, { ...decision, ...(current && { version: current }) }) ??
    options.correlationId;
  const work = () => handlers[step](run, candidate, decision.reason);
  try {
    await (engine.traced?.({ target, decision, correlationId: run.correlationId }, work) ?? work());
  } catch (thrown) {
    const error = ours(thrown);
    engine.observe?.({ target, decision, error, correlationId: run.correlationId });
    const leave =
      hasCode(error, ...passedOn, 'lost-race', 'events-failed', 'replicas-behind') ||
      backingOff(run);
    if (!options.signal.aborted && !leave) await backOff(run, decision, error);
    throw thrown;
  }
  if (step === 'finishSecret') {
    const { correlationId } = run;
    engine.observe?.({ target, decision: { ...decision, action: 'finish' }, correlationId });
  }
}

/**
 * True during a backoff. Secrets Manager tries again within seconds, and ignores the backoff: that
 * is the same failure, and does not count towards a pause, unless it left another credential that
 * may be alive.
 */
function backingOff(run: Run): boolean {
  if (run.progress.lost) return false;
  const end = backoffEnd(run.target, run.record.ledger, now(run));
  return end !== undefined && end > now(run);
}

type Handler = (run: Run, candidate: Version, reason: string) => Promise<void>;

const handlers: Readonly<Record<'createSecret' | 'finishSecret', Handler>> = {
  async createSecret(run, candidate, reason) {
    if (candidate.credential) return;
    if (candidate.used) return giveUp(run, candidate);
    try {
      await createCandidate(run, reason, candidate.id);
    } catch (error) {
      // its id is used up, and no other rotation can begin while it is AWSPENDING
      if (hasCode(error, 'conflict')) await run.record.remove('AWSPENDING', candidate.id);
      throw error;
    }
  },
  async finishSecret(run, candidate) {
    if (!candidate.credential)
      throw new RekeyError(
        'lost-race',
        `nothing was issued for the candidate in ${run.record.name}`,
      );
    await promote(run, candidate, await candidateLogin(run, candidate));
  },
};

/**
 * An early check for Secrets Manager: `finishSecret` checks again before the promotion, and records
 * a failure. A version without a value means that Secrets Manager only tests the function, when
 * rotation is set up.
 */
async function proveStored(run: Run, version: string): Promise<void> {
  const value = await run.record.read(version);
  const login = value && parseValue(value);
  if (login) await proveAccepted(run, login);
}

/**
 * Refuses a rotation that was requested at the wrong time. That is no failure of the target, and
 * starts no backoff; `decide` has the same limits. The rotation ends with it, because no other can
 * begin while its version is AWSPENDING. It must not undo a rollback either.
 */
async function refuseAtLimit(run: Run, { id }: Version): Promise<void> {
  const { target, record } = run;
  const limit = limitOf(target, record.ledger, now(run), reasonOf(run))?.reason;
  const rollback = record.ledger.current?.rollback ? 'rollback-requested' : undefined;
  const why = limit ?? rollback;
  if (!why) return;
  await record.remove('AWSPENDING', id);
  throw new RekeyError(codes[why], `${target.name} cannot be rotated now: ${why}`);
}

const codes = { ...limitCodes, 'rollback-requested': 'lost-race' } as const;

/**
 * The reason for which rekey itself would rotate now; otherwise Secrets Manager was requested to.
 */
const reasonOf = (run: Run) =>
  wanted({ target: run.target, ledger: run.record.ledger, now: now(run) }) ?? 'requested';

/** The version is promoted already; its event may be missing. */
async function announced(run: Run, { candidate, id }: Version): Promise<void> {
  if (candidate) await announceVersion(run, id);
}

async function giveUp({ record }: Run, { id }: Version): Promise<never> {
  await record.remove('AWSPENDING', id);
  throw new RekeyError(
    'conflict',
    `the version id for the rotation of ${record.name} is used up; the next rotation has another`,
  );
}
