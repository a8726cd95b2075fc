import { type Action, decide } from '../../../lib/core/decide/index.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { HOUR, MINUTE } from '../../../lib/core/time.ts';
import { ROTATE } from './native.ts';
import type { Deed, Stage } from './stage.ts';
import type { World } from './world.ts';

/**
 * A moment in the life of a target at which a worker has work to do. The capabilities of a provider
 * decide whether it has the transition. A new transition is one more entry of the list.
 */
export interface Transition {
  readonly name: string;
  /** @default 'rekey' */
  readonly driver?: Target['driver'];
  /** @default every provider that this driver may drive */
  readonly of?: (world: World) => boolean;
  /** Brings the world to that moment. */
  readonly before: (stage: Stage) => Promise<void>;
  /** The action that may crash. @default a worker's run */
  readonly deed?: Deed;
  /**
   * Checks in addition to the invariants; returns the problem. `late`: a worker ran only after the
   * previous candidate was too old.
   */
  readonly after?: (stage: Stage, late: boolean) => Promise<string | undefined>;
}

const run = (stage: Stage) => stage.run();

/** A credential that is old enough to be replaced and not yet due. */
const aged = async (stage: Stage) => {
  await stage.run();
  stage.world.wait(Math.min(HOUR, stage.target.interval / 2));
};

const rotated = async (stage: Stage) => {
  await first(stage, aged, asked('Rotation Requested'), run);
  stage.world.wait(16 * MINUTE);
};

/** Passes time and runs workers until this action is due. */
const until = (action: Action) => async (stage: Stage) => {
  const { world } = stage;
  for (let round = 0; round < 50; round++) {
    const decision = decide(stage.target, await stage.snapshot(), world.clock.now());
    if (decision.action === action) return;
    if (decision.action !== 'wait') await stage.run();
    else if (decision.at) world.clock.jumpTo(decision.at);
  }
  throw new Error(`${action} is never due`);
};

const first = async (stage: Stage, ...steps: readonly ((stage: Stage) => Promise<unknown>)[]) => {
  for (const step of steps) await step(stage);
};

/**
 * A delay after disabling. No rollback restores a credential that was disabled a moment ago,
 * because another worker may still be disabling it.
 */
const later =
  (ms: number) =>
  async ({ world }: Stage) =>
    world.wait(ms);

const asked = (type: InboundType) => (stage: Stage) => stage.ask(type);

const soft = ({ target }: World) => target.soak > 0;

/**
 * Excludes tokens that live for an hour: they are due for renewal before a rollback to them could
 * happen.
 */
const lasting = ({ target }: World) => target.interval >= 4 * HOUR;

const hasReason =
  (...wanted: readonly string[]) =>
  async (stage: Stage) => {
    const reasons = stage.reasons();
    return reasons.some((reason) => wanted.includes(reason))
      ? undefined
      : `no credential was issued as ${wanted.join(' or ')}, only as ${reasons.join(', ')}`;
  };

/** The first credential is current again. A late rollback may leave the other one current. */
const wentBack = async (stage: Stage, late: boolean) => {
  const back = [...stage.witness.promotions.values()].includes(2);
  return back || late ? undefined : 'the rollback did not happen';
};

export const transitions: readonly Transition[] = [
  { name: 'first issue', before: async () => {}, after: hasReason('never-issued') },
  {
    name: 'rotation',
    before: (stage) => first(stage, run, until('rotate')),
    after: hasReason('too-old', 'expiring'),
  },
  { name: 'leftover', before: (stage) => first(stage, run, until('rotate'), stage.dieAfterIssue) },
  { name: 'finish', before: (stage) => first(stage, run, until('rotate'), stage.dieAfterStore) },
  {
    name: 'discard',
    before: async (stage) => {
      await first(stage, run, until('rotate'), stage.dieAfterStore);
      stage.world.wait(16 * MINUTE);
    },
  },
  { name: 'warning', before: (stage) => first(stage, rotated, until('warn')) },
  {
    name: 'revoke',
    of: ({ target }) => target.revocable && target.soak === 0,
    before: (stage) => first(stage, rotated, until('revoke')),
  },
  {
    name: 'expiry',
    of: ({ target }) => !target.revocable,
    before: (stage) => first(stage, rotated, until('revoke')),
  },
  { name: 'soft revoke', of: soft, before: (stage) => first(stage, rotated, until('revoke')) },
  { name: 'delete', of: soft, before: (stage) => first(stage, rotated, until('delete')) },
  {
    name: 'forget',
    // other providers do this together with the end of a credential
    of: ({ target }) => target.revocable && target.soak === 0,
    before: (stage) => first(stage, rotated, until('forget')),
  },
  {
    name: 'request',
    before: aged,
    deed: 'Rotation Requested',
    after: hasReason('requested'),
  },
  {
    name: 'requested rotation',
    before: (stage) => first(stage, aged, asked('Rotation Requested')),
    after: hasReason('requested'),
  },
  {
    name: 'report of a compromise',
    before: rotated,
    deed: 'Credential Compromised',
    after: hasReason('compromised'),
  },
  {
    name: 'compromise',
    before: (stage) => first(stage, rotated, asked('Credential Compromised')),
    after: hasReason('compromised'),
  },
  {
    name: 'request to roll back',
    of: lasting,
    before: rotated,
    deed: 'Rollback Requested',
    after: wentBack,
  },
  {
    name: 'rollback',
    of: lasting,
    before: (stage) => first(stage, rotated, asked('Rollback Requested')),
    after: wentBack,
  },
  {
    name: 'late rollback',
    of: lasting,
    before: async (stage) => {
      await first(stage, rotated, asked('Rollback Requested'));
      // no worker ran in time, so the rollback is withdrawn
      stage.world.wait(16 * MINUTE);
    },
  },
  {
    name: 'rollback out of the soak',
    of: soft,
    before: (stage) =>
      first(stage, rotated, until('revoke'), run, later(6 * MINUTE), asked('Rollback Requested')),
    after: wentBack,
  },
  {
    name: 'retirement',
    before: async (stage) => {
      await rotated(stage);
      stage.retire();
    },
  },
  {
    name: 'native rotation',
    driver: 'secrets-manager',
    before: aged,
    deed: ROTATE,
    // no worker owns an abandoned request: a person would repeat it
    after: async (stage, late) => (late ? undefined : hasReason('requested')(stage)),
  },
  {
    name: 'asked rotation',
    driver: 'secrets-manager',
    before: (stage) => first(stage, run, until('rotate')),
    after: hasReason('too-old', 'expiring'),
  },
];
