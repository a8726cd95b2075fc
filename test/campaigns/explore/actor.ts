import { carryOut, type Effect, type Fault, type Through, Violation } from './effect.ts';
import { digestOf, type World } from './world.ts';

export type ActorKind = 'worker' | 'request' | 'orphans';

/** One run of a function. It stops before each effect until the scheduler lets it continue. */
export interface Actor {
  readonly name: string;
  readonly kind: ActorKind;
  /** The effect it waits to carry out; `undefined` once it has finished. */
  readonly before: Effect | undefined;
  readonly error: unknown;
  /** Its last effect changed something, so dying now differs from dying before that effect. */
  readonly wrote: boolean;
  /** Hash of its local state: every answer it received, and when. */
  readonly state: string;
  /** Carries out the effect it waits for and lets it run to the next one. */
  step(fault?: Fault): Promise<void>;
}

export async function start(
  world: World,
  kind: ActorKind,
  name: string,
  job: (through: Through) => Promise<unknown>,
): Promise<Actor> {
  let before: Effect | undefined;
  let answer = (_value: unknown): void => {};
  let refuse = (_error: unknown): void => {};
  let arrive = (): void => {};
  let error: unknown;
  let wrote = false;
  let state = digestOf(`${kind} ${world.now}`);

  const through: Through = <Answer>(effect: Effect<Answer>) => {
    // the value of a version never changes, so no other actor can interfere
    if (effect.name === 'read')
      return new Promise<Answer>((resolve) => resolve(carryOut(world, effect)));
    return new Promise<Answer>((resolve, reject) => {
      before = effect;
      answer = resolve as (value: unknown) => void;
      refuse = reject;
      arrive();
    });
  };
  const stopped = () =>
    new Promise<void>((resolve) => {
      arrive = resolve;
    });

  const first = stopped();
  const leave = (reason?: unknown) => {
    before = undefined;
    error = reason;
    arrive();
  };
  job(through).then(() => leave(), leave);
  await first;

  return {
    name,
    kind,
    get before() {
      return before;
    },
    get error() {
      return error;
    },
    get wrote() {
      return wrote;
    },
    get state() {
      return state;
    },
    async step(fault) {
      const effect = before;
      if (!effect) throw new Error(`${name} has finished`);
      before = undefined;
      const next = stopped();
      let told: string;
      try {
        const value = carryOut(world, effect, fault);
        told = JSON.stringify(value) ?? '';
        wrote = effect.write;
        answer(value);
      } catch (reason) {
        if (reason instanceof Violation) throw reason;
        told = String(reason);
        wrote = effect.write && fault === 'lost';
        refuse(reason);
      }
      state = digestOf(`${state} ${effect.name} ${told} ${world.now}`);
      await next;
    },
  };
}
