import { begin, prepare } from './begin.ts';
import { type ChoiceKind, kindOf } from './choices.ts';
import { type Violation, violationOf } from './effect.ts';
import { type Schedule, written } from './schedule.ts';
import { settle } from './settle.ts';
import type { VariantName } from './target.ts';
import { copyOf } from './world.ts';

export interface Task {
  readonly variant: VariantName;
  readonly start: string;
  readonly depth: number;
  /** Kinds of deviations. @default all of them */
  readonly only?: readonly ChoiceKind[] | undefined;
  /** Deadline, comparable with `Date.now()`. */
  readonly until?: number | undefined;
}

export interface Counterexample {
  readonly check: string;
  readonly message: string;
  readonly schedule: string;
  /** Number of executions with it. */
  count: number;
}

export interface Found {
  readonly states: number;
  readonly executions: number;
  /** Every schedule with up to this many deviations was executed; -1: not even the default one. */
  readonly complete: number;
  readonly violations: readonly Counterexample[];
}

/**
 * Breadth first by the number of deviations, so that the first counterexample of a kind is a
 * minimal one.
 */
export async function explore({
  variant,
  start: name,
  depth,
  only,
  until,
}: Task): Promise<Found | undefined> {
  let prepared: Awaited<ReturnType<typeof prepare>>;
  const before = await violationOf(async () => {
    prepared = await prepare(variant, name);
  });
  if (before)
    return {
      states: 0,
      executions: 0,
      complete: -1,
      violations: [{ ...counted(before), schedule: 'before it begins' }],
    };
  if (!prepared) return undefined;
  const { start, world } = prepared;
  const seen = new Set<string>();
  const settled = new Map<string, Violation | undefined>();
  const violations = new Map<string, Counterexample>();
  let executions = 0;
  let complete = -1;
  let layer: Schedule[] = [[]];

  /** Executes one schedule; adds those that deviate once more. */
  async function execute(schedule: Schedule, next: Schedule[] | undefined): Promise<void> {
    const planned = new Map(schedule);
    const last = schedule.at(-1)?.[0] ?? -1;
    const execution = await begin(start, world);
    for (let decision = 0; ; decision++) {
      const choice = planned.get(decision);
      if (choice !== undefined) {
        await execution.choose(choice);
        continue;
      }
      if (decision > last) {
        const { key } = execution;
        if (seen.has(key)) return;
        seen.add(key);
        if (next) {
          for (const other of execution.choices)
            if (!only || only.includes(kindOf(other))) next.push([...schedule, [decision, other]]);
        }
      }
      if (!(await execution.goOn())) break;
    }
    const { key } = execution;
    if (!settled.has(key)) {
      settled.set(key, undefined);
      settled.set(key, await violationOf(() => settle(copyOf(execution.world))));
    }
    const found = settled.get(key);
    if (found) throw found;
  }

  for (let deviations = 0; deviations <= depth; deviations++) {
    const next: Schedule[] = [];
    for (const schedule of layer) {
      if (until !== undefined && Date.now() > until)
        return { states: seen.size, executions, complete, violations: [...violations.values()] };
      executions++;
      const violation = await violationOf(() =>
        execute(schedule, deviations < depth ? next : undefined),
      );
      if (!violation) continue;
      const known = violations.get(violation.check);
      if (known) known.count++;
      else violations.set(violation.check, { ...counted(violation), schedule: written(schedule) });
    }
    complete = deviations;
    layer = next;
  }
  return { states: seen.size, executions, complete, violations: [...violations.values()] };
}

const counted = ({ check, message }: Violation) => ({ check, message, count: 1 });
