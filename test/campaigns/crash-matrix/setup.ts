import { inspect } from 'node:util';
import { hasCode } from '../../../lib/core/errors.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import type { Snapshot } from '../../../lib/core/ports.ts';
import type { Credential, Provider } from '../../../lib/core/provider.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';
import { MINUTE } from '../../../lib/core/time.ts';
import { Crash, createFuse, type Fuse, fused } from './effects.ts';
import { type Taken, taken } from './lively.ts';
import { type Native, openNative, ROTATE } from './native.ts';
import { createWitness, Violation, type Witness } from './witness.ts';
import { createWorld, type World, work } from './world.ts';

/** An action at a given moment that is not a worker's run. */
export type Deed = InboundType | typeof ROTATE;

/** A world with a witness, and workers that can die. */
export interface Setup {
  readonly world: World;
  readonly witness: Witness;
  readonly fuse: Fuse;
  readonly target: Target;
  /** Secrets Manager's own rotation, if it drives the target. */
  readonly native: Native | undefined;
  /** Every issued password, including those that a crash lost. */
  readonly issued: ReadonlySet<string>;
  /** The accepted requests. */
  readonly requests: readonly Taken[];
  /** Errors that workers threw and reported. */
  readonly shown: unknown[];
  engine(): Engine;
  snapshot(): Promise<Snapshot | undefined>;
  /** Runs a worker. */
  run(): Promise<void>;
  /** Sends a request. */
  request(type: InboundType): Promise<void>;
  /**
   * Performs a deed with a crash where the fuse says. A request that is refused because it is too
   * late is no failure.
   */
  doomed(deed: Deed | undefined): Promise<void>;
  /** Lets Secrets Manager finish its work. */
  settle(): Promise<void>;
  dieAfterIssue(): Promise<void>;
  dieAfterStore(): Promise<void>;
  /** Removes the target from the fleet. */
  retire(): void;
  /** The announced reasons for issuing. */
  reasons(): string[];
  close(): Promise<void>;
}

export async function openSetup(
  provider: string,
  driver: Target['driver'] = 'rekey',
): Promise<Setup> {
  const world = await createWorld(provider, driver);
  let target = world.target;
  const witness = createWitness(world, () => target.retired === true);
  // code under test may catch a violation, so the first one is kept
  let violation: unknown;
  const look = async () => {
    try {
      await witness.look();
    } catch (error) {
      violation ??= error;
      throw error;
    }
  };
  const fuse = createFuse(look);
  const issued = new Set<string>();
  const shown: unknown[] = [];
  const requests: Taken[] = [];

  const engine = (): Engine => {
    const plain = fused(world.engine(), fuse);
    const watched = issuing(world.provider, async (issue) => {
      const credential = await issue();
      issued.add(credential.password.reveal());
      return credential;
    });
    return {
      ...plain,
      providers: { ...plain.providers, [provider]: watched },
      observe: (step) => shown.push(inspect(step)),
    };
  };
  const native =
    driver === 'secrets-manager' ? await openNative(world, fuse, engine, shown) : undefined;
  const observed = async (done: Promise<unknown> | undefined): Promise<void> => {
    await done?.catch((error: unknown) => Promise.reject(violation ?? error));
    if (violation) throw violation;
  };
  const carry = (deed: Deed | undefined, of: Engine): Promise<void> => {
    if (deed === ROTATE) return observed(native?.rotate());
    return observed(deed ? requested(of, deed) : work(of, target));
  };
  const requested = async (of: Engine, deed: InboundType): Promise<void> => {
    const before = await world.ledger();
    await request(of.store, of.clock, deed, target);
    requests.push(taken(deed, world.clock.now(), before));
  };
  const settle = () => observed(native?.settle());
  /** A worker that dies at that point, before any of the counted crashes. */
  const killed = async (of: Engine) => {
    await carry(undefined, of).then(
      () => Promise.reject(new Error(`${provider}: the worker did not reach its crash`)),
      (error: unknown) => (error instanceof Crash ? undefined : Promise.reject(error)),
    );
    fuse.restart();
    world.wait(MINUTE);
  };

  return {
    world,
    witness,
    fuse,
    issued,
    requests,
    shown,
    engine,
    native,
    settle,
    get target() {
      return target;
    },
    snapshot: () => world.engine().store.describe(target.secret),
    async run() {
      await carry(undefined, engine());
      await settle();
    },
    request: (type) => carry(type, engine()),
    async doomed(deed) {
      await carry(deed, engine()).catch((error: unknown) => {
        shown.push(error);
        if (
          error instanceof Violation ||
          !(error instanceof Crash || hasCode(error, 'no-rollback'))
        )
          throw error;
      });
    },
    dieAfterIssue() {
      const of = engine();
      const dying = issuing(world.provider, async (issue) => {
        issued.add((await issue()).password.reveal());
        return fuse.blow();
      });
      return killed({ ...of, providers: { ...of.providers, [provider]: dying } });
    },
    dieAfterStore() {
      const of = engine();
      const put: Engine['store']['put'] = async (...args) => {
        const result = await of.store.put(...args);
        if (args[3].some((label) => label.startsWith('rekey:1:candidate:'))) fuse.blow();
        return result;
      };
      return killed({ ...of, store: { ...of.store, put } });
    },
    retire() {
      target = { ...target, retired: true };
    },
    reasons: () =>
      world.aws.events.recorded('default').flatMap((event) => {
        const { data } = event.detail as { data?: { reason?: unknown } };
        return typeof data?.reason === 'string' ? [data.reason] : [];
      }),
    async close() {
      await native?.giveUp();
      await world.close();
    },
  };
}

/** The provider, with `issue` wrapped by `around`. */
function issuing(
  provider: Provider,
  around: (issue: () => Promise<Credential>) => Promise<Credential>,
): Provider {
  return { ...provider, issue: (...args) => around(() => provider.issue(...args)) };
}
