import { MINUTE } from '../../../lib/core/time.ts';
import type { Actor } from './actor.ts';
import { removable } from './labels.ts';
import { hands } from './people.ts';
import { variant } from './target.ts';
import { scopes, type World } from './world.ts';

/** How many deviations of each kind one execution may still contain. */
export interface Budget {
  readonly people: number;
  readonly kills: number;
  readonly faults: number;
  readonly jumps: number;
  readonly outages: number;
  readonly workers: number;
}

export const BUDGET: Budget = { people: 2, kills: 2, faults: 1, jumps: 2, outages: 1, workers: 2 };

/** Kinds of deviations; `--only` takes them. */
export const kinds = [
  'worker',
  'switch',
  'kill',
  'fault',
  'time',
  'outage',
  'rotate',
  'compromise',
  'rollback',
  'hand',
] as const;
export type ChoiceKind = (typeof kinds)[number];

export const requests = {
  rotate: 'Rotation Requested',
  compromise: 'Credential Compromised',
  rollback: 'Rollback Requested',
} as const;

/** The budget that each kind of deviation uses. A switch uses none. */
export const budgetOf: Readonly<Partial<Record<ChoiceKind, keyof Budget>>> = {
  worker: 'workers',
  kill: 'kills',
  fault: 'faults',
  time: 'jumps',
  outage: 'outages',
  rotate: 'people',
  compromise: 'people',
  rollback: 'people',
  hand: 'people',
};

/** How long a call may hang. */
export const HANG = 4 * MINUTE;
/** How long no worker runs, for example because a message waits for its redelivery. */
export const IDLE = 16 * MINUTE;

const outages = scopes.flatMap((scope) => [`${scope}-down-4m`, `${scope}-down-20m`]);

export function kindOf(choice: string): ChoiceKind {
  const [word = ''] = choice.split(/[+:]/);
  if (word in hands || word === 'orphans' || word === 'unlabel') return 'hand';
  if (word === 'fail' || word === 'lost') return 'fault';
  if (word === 'hang' || word === 'idle') return 'time';
  if (word.includes('-down-')) return 'outage';
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw new Error(`${choice}: no such choice`);
  return kind;
}

const people = (world: World, { people: left }: Budget, now: boolean): string[] => {
  if (left === 0 || world.retiredAt !== undefined) return [];
  const asked = Object.keys(requests).flatMap((request) =>
    now ? [request, `${request}+`] : [request],
  );
  const possible = Object.keys(hands).filter((name) => hands[name]?.possible(world));
  return [...asked, ...possible, ...(variant().finds ? ['orphans'] : [])];
};

const unlabels = (world: World, { people: left }: Budget, ...only: readonly string[]): string[] => {
  if (left === 0 || world.retiredAt !== undefined) return [];
  const found = [...removable(world).keys()].filter(
    (kind) => only.length === 0 || only.includes(kind),
  );
  return found.map((kind) => `unlabel:${kind}`);
};

/**
 * Everything that may happen instead of the next effect. With a plus, a worker runs at once, before
 * the interrupted one continues.
 */
export function choicesBefore(
  world: World,
  actors: readonly Actor[],
  top: Actor,
  budget: Budget,
): string[] {
  const { name = '', scope } = top.before ?? {};
  const found: string[] = [];
  if (top.wrote && budget.kills > 0 && top.kind !== 'request') found.push('kill');
  const faulty =
    budget.faults > 0 && (scope === 'vendor' || scope === 'registry' || scope === 'bus');
  if (faulty) found.push('fail');
  if (faulty && top.before?.write) found.push('lost');
  // no actor reads events, so the order in which they are published changes nothing for the others
  if (name === 'publish') return found;
  const workers = actors.filter(({ kind }) => kind === 'worker').length;
  const room = workers < 2 && budget.workers > 0;
  for (const actor of actors) if (actor !== top) found.push(`switch:${actor.name}`);
  if (room) found.push('worker');
  if (top.kind !== 'request')
    found.push(...people(world, budget, room), ...unlabels(world, budget, 'candidate'));
  if (budget.jumps > 0) found.push('hang');
  if (budget.outages > 0) found.push(...outages);
  return found;
}

/** Everything that may happen while no actor is running. */
export const choicesAtRest = (world: World, budget: Budget): string[] => [
  ...people(world, budget, false),
  ...unlabels(world, budget),
  ...(budget.jumps > 0 ? ['idle'] : []),
];
