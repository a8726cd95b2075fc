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
 * The four steps in which Secrets Manager has a function rotate a secret.
 * docs.aws.amazon.com/secretsmanager, rotate-secrets_lambda-functions.
 */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof rotationSteps)[number];

interface Invocation {
  readonly step: RotationStep;
  /**
   * Id of the version to rotate into: Secrets Manager has labelled it AWSPENDING, and it has no
   * value yet.
   */
  readonly version: string;
  readonly rotationToken?: string | undefined;
}

/**
 * Carries out one step, by the same transitions as a rotation of our own. A step may come twice,
 * late, or beside a worker that finishes what it finds half done: what is so already is success.
 * What comes after the promotion (grace, revocation) is the worker's. Throws what went wrong, so
 * that Secrets Manager tries again; it is announced and backed off from like any failure.
 */
export async function rotationStep(
  engine: Engine,
  target: Target,
  { step, version, rotationToken }: Invocation,
  options: { readonly signal: AbortSignal; readonly correlationId: string },
): Promise<void> {
  // the provider has the credential since it issued it
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
    throw new RekeyError(
      'rejected',
      `the version that ${record.name} is to be rotated into is not AWSPENDING`,
    );
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
 * Secrets Manager tries again within seconds, whatever is written down: that is the same failure,
 * not one more towards a pause, unless it has left another credential that may be alive.
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
      // its id is used up: as long as it is AWSPENDING no other can be begun
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
 * Early word for Secrets Manager: `finishSecret` proves it again before it is promoted, and writes
 * a failure down. Without a credential it is Secrets Manager trying the function, when rotation is
 * set up.
 */
async function proveStored(run: Run, version: string): Promise<void> {
  const value = await run.record.read(version);
  const login = value && parseValue(value);
  if (login) await proveAccepted(run, login);
}

/**
 * No failure of the target, and not backed off from: somebody asked at the wrong time. `decide`
 * shows the same limits. The rotation is ended with it: as long as its version is AWSPENDING, no
 * other can be begun. Neither may it undo a rollback.
 */
async function refuseAtLimit(run: Run, { id }: Version): Promise<void> {
  const { target, record } = run;
  const limit = limitOf(target, record.ledger, now(run), reasonOf(run))?.reason;
  const asked = record.ledger.current?.rollback ? 'rollback-requested' : undefined;
  const why = limit ?? asked;
  if (!why) return;
  await record.remove('AWSPENDING', id);
  throw new RekeyError(codes[why], `${target.name} cannot be rotated now: ${why}`);
}

const codes = { ...limitCodes, 'rollback-requested': 'lost-race' } as const;

/** Why, if rekey would rotate now by itself; else because somebody asked Secrets Manager to. */
const reasonOf = (run: Run) =>
  wanted({ target: run.target, ledger: run.record.ledger, now: now(run) }) ?? 'requested';

/** Promoted already; its event may be missing. */
async function announced(run: Run, { candidate, id }: Version): Promise<void> {
  if (candidate) await announceVersion(run, id);
}

async function giveUp({ record }: Run, { id }: Version): Promise<never> {
  await record.remove('AWSPENDING', id);
  throw new RekeyError(
    'conflict',
    `the version that ${record.name} was to be rotated into is used up; the next rotation takes another`,
  );
}
