import { PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Target } from '../../../../lib/core/fleet/index.ts';
import { type Engine, rotationStep } from '../../../../lib/core/reconcile/index.ts';
import { plus } from '../../../../lib/core/time.ts';
import { providers } from '../../../../lib/providers/index.ts';
import type { RotationEvent } from '../../../../lib/sandbox/aws/index.ts';
import { vendors } from '../../../../lib/sandbox/vendors/index.ts';
import { mayBeDriven } from '../../crash-matrix/world.ts';
import { fourSteps } from './four-steps.ts';
import { type Counts, type MeteredWorld, meteredWorld } from './world.ts';

/** The calls of one kind of work. */
export interface CallFigures extends Counts {
  readonly provider: string;
  readonly driver: Target['driver'] | 'four steps';
  readonly work: string;
  /** Is the engine warm: does it remember the admin secret? */
  readonly warm: boolean;
}

type Row = Omit<CallFigures, 'provider' | 'driver'>;

const FUNCTION = 'arn:aws:lambda:eu-central-1:000000000000:function:rotation';

/** Moves to the time of the next work that `wanted` selects, doing all other work on the way. */
async function until(world: MeteredWorld, wanted: (action: string) => boolean): Promise<boolean> {
  for (let round = 0; round < 40; round++) {
    const { decision } = await world.run(world.cold());
    const next = decision.action === 'wait' ? decision.next : decision;
    if (!next) return false;
    world.clock.jumpTo(plus(new Date(Math.max(Number(next.at), Number(world.clock.now()))), 1000));
    if (wanted(next.action)) return true;
  }
  return false;
}

async function ownWork(world: MeteredWorld): Promise<Row[]> {
  const rows: Row[] = [];
  const add = async (work: string, warm: boolean, engine: Engine, checked = false) =>
    rows.push({ work, warm, ...(await world.counted(() => world.run(engine, { checked }))) });
  await add('first credential', false, world.cold());
  await add('nothing due', false, world.cold());
  await add('health check', false, world.cold(), true);
  for (const warm of [false, true]) {
    const engine = async () => (warm ? await world.warm() : world.cold());
    if (await until(world, (action) => action === 'rotate'))
      await add('rotation', warm, await engine());
    if (await until(world, (action) => action === 'revoke'))
      await add('revocation', warm, await engine());
  }
  return rows;
}

async function driven(world: MeteredWorld, step: (event: RotationEvent) => Promise<void>) {
  const { aws, secretsManager, target } = world;
  let failed: unknown;
  aws.functions.register<RotationEvent>(FUNCTION, (event) =>
    step(event).catch((error: unknown) => {
      failed = error;
      throw error;
    }),
  );
  const rotate = (RotateImmediately: boolean) =>
    secretsManager.send(
      new RotateSecretCommand({
        SecretId: target.secret,
        RotationLambdaARN: FUNCTION,
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediately,
      }),
    );
  const checked = async (work: Promise<Counts>): Promise<Counts> => {
    const counts = await work;
    if (failed) throw failed;
    return counts;
  };
  return { rotate, checked };
}

async function nativeWork(world: MeteredWorld): Promise<Row[]> {
  let engine = world.cold();
  const { checked, rotate } = await driven(
    world,
    ({ Step: step, ClientRequestToken: version, RotationToken: rotationToken }) => {
      world.invoked();
      const { signal } = world;
      const options = { signal, correlationId: 'bench' };
      return rotationStep(engine, world.target, { step, version, rotationToken }, options);
    },
  );
  await rotate(false).then(world.aws.idle);
  await world.run(world.cold());
  await world.aws.idle();
  const rows: Row[] = [];
  for (const warm of [false, true]) {
    if (!(await until(world, (action) => action === 'rotate'))) continue;
    engine = warm ? await world.warm() : world.cold();
    const counts = checked(world.counted(() => world.run(engine)));
    rows.push({ work: 'rotation', warm, ...(await counts) });
  }
  return rows;
}

async function documented(world: MeteredWorld): Promise<Row[]> {
  const rows: Row[] = [];
  await world.secretsManager.send(
    new PutSecretValueCommand({ SecretId: world.target.secret, SecretString: '{}' }),
  );
  for (const vendor of [false, true]) {
    const { rotate, checked } = await driven(world, fourSteps(world, vendor));
    await rotate(false).then(world.aws.idle);
    world.wait(60_000);
    const counts = await checked(world.counted(() => rotate(true)));
    // the request itself is Secrets Manager's, on its schedule
    const own = { ...counts, aws: counts.aws - 1, writes: counts.writes - 1 };
    rows.push({ work: vendor ? 'rotation' : 'rotation, no vendor', warm: false, ...own });
  }
  return rows;
}

const kinds = [
  ['rekey', 'rekey', ownWork],
  ['secrets-manager', 'secrets-manager', nativeWork],
  ['four steps', 'rekey', documented],
] as const;

/** Counts the calls of each kind of work, for each provider with a simulated vendor. */
export async function countCalls(): Promise<readonly CallFigures[]> {
  const figures: CallFigures[] = [];
  for (const provider of Object.keys(providers).filter((name) => vendors[name])) {
    for (const [driver, driver_, measure] of kinds) {
      if (driver === 'secrets-manager' && !mayBeDriven(provider, driver)) continue;
      const world = await meteredWorld(provider, driver_);
      try {
        for (const row of await measure(world)) figures.push({ provider, driver, ...row });
      } finally {
        await world.close();
      }
    }
  }
  return figures;
}
