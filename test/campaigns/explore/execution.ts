import { RekeyError } from '../../../lib/core/errors.ts';
import { MINUTE, SECOND } from '../../../lib/core/time.ts';
import { type Actor, start } from './actor.ts';
import {
  BUDGET,
  type Budget,
  budgetOf,
  choicesAtRest,
  choicesBefore,
  HANG,
  IDLE,
  kindOf,
  requests,
} from './choices.ts';
import { type Fault, Violation } from './effect.ts';
import { hands, unlabel } from './people.ts';
import { ask, countRequestsFrom, lookForOrphans, work } from './work.ts';
import { copyOf, digestOf, keyOf, type Scope, type World } from './world.ts';

/** More effects than any execution needs. */
const ENDLESS = 600;

/**
 * One world in which actors run, one effect at a time. The last actor of the list continues unless
 * a deviation says otherwise.
 */
export class Execution {
  readonly world: World;
  /** The running actors; the last one continues first. */
  actors: Actor[] = [];
  budget: Budget = BUDGET;
  /** A worker starts once all actors have finished. */
  message = false;
  #count = 0;
  #effects = 0;
  /** The actor that carried out the last effect. A second passes when another one continues. */
  #last: string | undefined;
  /** A worker starts as soon as this actor has finished. */
  #urgent: string | undefined;
  readonly #told: ((line: string) => void) | undefined;

  constructor(world: World, told?: (line: string) => void) {
    this.world = copyOf(world);
    countRequestsFrom(this.world);
    this.#told = told;
  }

  get top(): Actor | undefined {
    return this.actors.at(-1);
  }

  /** Hash of everything that determines the rest of the execution. */
  get key(): string {
    const { actors, budget, message } = this;
    const states = actors.map(({ name, state, before }) => [name, state, before?.name]);
    return digestOf(
      JSON.stringify([keyOf(this.world), states, budget, message, this.#urgent, this.#last]),
    );
  }

  get choices(): string[] {
    return this.top
      ? choicesBefore(this.world, this.actors, this.top, this.budget)
      : choicesAtRest(this.world, this.budget);
  }

  /** Continues by default. Resolves to false once no actor is running and no worker is expected. */
  async goOn(): Promise<boolean> {
    if (this.top) {
      await this.step();
      return true;
    }
    if (!this.message) return false;
    this.message = false;
    await this.start('worker');
    return true;
  }

  /** Deviates from the default. */
  async choose(choice: string): Promise<void> {
    const [word = '', name = ''] = choice.replace('+', '').split(':');
    this.#told?.(`-- ${choice}`);
    const kind = kindOf(choice);
    const budget = budgetOf[kind];
    if (budget) this.budget = { ...this.budget, [budget]: this.budget[budget] - 1 };
    if (kind === 'fault') return this.step(word as Fault);
    if (budget === 'people') return this.#person(word, name, choice.endsWith('+'));
    if (kind === 'worker') await this.start('worker');
    else if (kind === 'switch') this.#switch(name);
    else if (kind === 'time') this.world.now += word === 'idle' ? IDLE : HANG;
    else if (kind === 'outage') this.#outage(word);
    else {
      this.actors.pop();
      this.message = true;
    }
  }

  async #person(word: string, name: string, urgent: boolean): Promise<void> {
    const { world } = this;
    world.now += SECOND;
    this.message = true;
    if (word === 'unlabel') unlabel(world, name);
    else if (word in hands) hands[word]?.act(world);
    else {
      const actor = await this.start(word === 'orphans' ? 'orphans' : 'request', word);
      if (urgent) this.#urgent = actor.name;
    }
  }

  #switch(name: string): void {
    const other = this.actors.find((actor) => actor.name === name);
    if (!other) throw new Error(`switch:${name}: no running actor has that name`);
    this.actors = [...this.actors.filter((actor) => actor !== other), other];
  }

  #outage(word: string): void {
    const [scope = '', minutes = ''] = word.split('-down-');
    const { now, outages } = this.world;
    this.world.outages = {
      ...outages,
      [scope as Scope]: now + Number.parseInt(minutes, 10) * MINUTE,
    };
  }

  async start(kind: Actor['kind'], request = ''): Promise<Actor> {
    const { world } = this;
    const name = kind === 'worker' ? `worker-${++this.#count}` : `${request}-${++this.#count}`;
    const actor = await start(world, kind, name, (through) => {
      if (kind === 'worker') return work(world, through, name);
      if (kind === 'orphans') return lookForOrphans(world, through, name);
      return ask(world, through, requests[request as keyof typeof requests]);
    });
    this.#told?.(`${name} starts`);
    if (actor.before) this.actors.push(actor);
    return actor;
  }

  async step(fault?: Fault): Promise<void> {
    const actor = this.top;
    if (!actor) return;
    if (this.#last !== undefined && this.#last !== actor.name) this.world.now += SECOND;
    this.#last = actor.name;
    if (++this.#effects > ENDLESS) throw new Violation('endless', `${actor.name} does not end`);
    this.#told?.(`${actor.name}: ${actor.before?.name}${fault ? `, ${fault}` : ''}`);
    await actor.step(fault);
    if (actor.before) return;
    this.actors = this.actors.filter((other) => other !== actor);
    const { error } = actor;
    this.#told?.(`${actor.name} has finished${error ? `: ${String(error)}` : ''}`);
    if (error !== undefined && !(error instanceof RekeyError))
      throw new Violation('threw', String(error));
    if (this.#urgent !== actor.name) return;
    this.#urgent = undefined;
    this.message = false;
    await this.start('worker');
  }
}
