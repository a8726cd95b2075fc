import { type Action, decide } from '../../../lib/core/decide/index.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { HOUR, MINUTE } from '../../../lib/core/time.ts';
import { ROTATE } from './native.ts';
import type { Deed, Setup } from './setup.ts';
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
  readonly before: (setup: Setup) => Promise<void>;
  /** The action that may crash. @default a worker's run */
  readonly deed?: Deed;
  /**
   * Checks in addition to the invariants; returns the problem. `late`: a worker ran only after the
   * previous candidate was too old.
   */
  readonly after?: (setup: Setup, late: boolean) => Promise<string | undefined>;
}

const run = (setup: Setup) => setup.run();

/** A credential that is old enough to be replaced and not yet due. */
const aged = async (setup: Setup) => {
  await setup.run();
  setup.world.wait(Math.min(HOUR, setup.target.interval / 2));
};

const rotated = async (setup: Setup) => {
  await first(setup, aged, requested('Rotation Requested'), run);
  setup.world.wait(16 * MINUTE);
};

/** Passes time and runs workers until this action is due. */
const until = (action: Action) => async (setup: Setup) => {
  const { world } = setup;
  for (let round = 0; round < 50; round++) {
    const decision = decide(setup.target, await setup.snapshot(), world.clock.now());
    if (decision.action === action) return;
    if (decision.action !== 'wait') await setup.run();
    else if (decision.at) world.clock.jumpTo(decision.at);
  }
  throw new Error(`${action} is never due`);
};

const first = async (setup: Setup, ...steps: readonly ((setup: Setup) => Promise<unknown>)[]) => {
  for (const step of steps) await step(setup);
};

/**
 * A delay after disabling. No rollback restores a credential that was disabled a moment ago,
 * because another worker may still be disabling it.
 */
const later =
  (ms: number) =>
  async ({ world }: Setup) =>
    world.wait(ms);

const requested = (type: InboundType) => (setup: Setup) => setup.request(type);

const soft = ({ target }: World) => target.soak > 0;

/**
 * Excludes tokens that live for an hour: they are due for renewal before a rollback to them could
 * happen.
 */
const lasting = ({ target }: World) => target.interval >= 4 * HOUR;

const hasReason =
  (...wanted: readonly string[]) =>
  async (setup: Setup) => {
    const reasons = setup.reasons();
    return reasons.some((reason) => wanted.includes(reason))
      ? undefined
      : `no credential was issued as ${wanted.join(' or ')}, only as ${reasons.join(', ')}`;
  };

/** The first credential is current again. A late rollback may leave the other one current. */
const wentBack = async (setup: Setup, late: boolean) => {
  const back = [...setup.witness.promotions.values()].includes(2);
  return back || late ? undefined : 'the rollback did not happen';
};

export const transitions: readonly Transition[] = [
  { name: 'first issue', before: async () => {}, after: hasReason('never-issued') },
  {
    name: 'rotation',
    before: (setup) => first(setup, run, until('rotate')),
    after: hasReason('too-old', 'expiring'),
  },
  { name: 'leftover', before: (setup) => first(setup, run, until('rotate'), setup.dieAfterIssue) },
  { name: 'finish', before: (setup) => first(setup, run, until('rotate'), setup.dieAfterStore) },
  {
    name: 'discard',
    before: async (setup) => {
      await first(setup, run, until('rotate'), setup.dieAfterStore);
      setup.world.wait(16 * MINUTE);
    },
  },
  { name: 'warning', before: (setup) => first(setup, rotated, until('warn')) },
  {
    name: 'revoke',
    of: ({ target }) => target.revocable && target.soak === 0,
    before: (setup) => first(setup, rotated, until('revoke')),
  },
  {
    name: 'expiry',
    of: ({ target }) => !target.revocable,
    before: (setup) => first(setup, rotated, until('revoke')),
  },
  { name: 'soft revoke', of: soft, before: (setup) => first(setup, rotated, until('revoke')) },
  { name: 'delete', of: soft, before: (setup) => first(setup, rotated, until('delete')) },
  {
    name: 'forget',
    // other providers do this together with the end of a credential
    of: ({ target }) => target.revocable && target.soak === 0,
    before: (setup) => first(setup, rotated, until('forget')),
  },
  {
    name: 'request',
    before: aged,
    deed: 'Rotation Requested',
    after: hasReason('requested'),
  },
  {
    name: 'requested rotation',
    before: (setup) => first(setup, aged, requested('Rotation Requested')),
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
    before: (setup) => first(setup, rotated, requested('Credential Compromised')),
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
    before: (setup) => first(setup, rotated, requested('Rollback Requested')),
    after: wentBack,
  },
  {
    name: 'late rollback',
    of: lasting,
    before: async (setup) => {
      await first(setup, rotated, requested('Rollback Requested'));
      // no worker ran in time, so the rollback is withdrawn
      setup.world.wait(16 * MINUTE);
    },
  },
  {
    name: 'rollback out of the soak',
    of: soft,
    before: (setup) =>
      first(
        setup,
        rotated,
        until('revoke'),
        run,
        later(6 * MINUTE),
        requested('Rollback Requested'),
      ),
    after: wentBack,
  },
  {
    name: 'retirement',
    before: async (setup) => {
      await rotated(setup);
      setup.retire();
    },
  },
  {
    name: 'native rotation',
    driver: 'secrets-manager',
    before: aged,
    deed: ROTATE,
    // no worker owns an abandoned request: a person would repeat it
    after: async (setup, late) => (late ? undefined : hasReason('requested')(setup)),
  },
  {
    name: 'asked rotation',
    driver: 'secrets-manager',
    before: (setup) => first(setup, run, until('rotate')),
    after: hasReason('too-old', 'expiring'),
  },
];
