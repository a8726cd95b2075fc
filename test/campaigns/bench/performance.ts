import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { floorOf } from './floors.ts';
import { limits } from './limits.ts';
import type { Figures } from './report.ts';

const template = join(import.meta.dirname, 'page.md');

/** The page, from the figures of one run. Its prose is in page.md. */
export function pageOf(figures: Figures): string {
  const [first, last] = [figures.sweeps[0], figures.sweeps.at(-1)];
  const parts: Readonly<Record<string, string>> = {
    run: runOf(figures),
    calls: callsOf(figures),
    sweeps: sweepsOf(figures),
    flat: ((last?.cpuPerTarget ?? 0) / (first?.cpuPerTarget ?? 0)).toFixed(2),
    starts: startsOf(figures),
  };
  return readFileSync(template, 'utf8').replaceAll(
    /\{\{(\w+)\}\}/g,
    (_, part: string) => parts[part] ?? '',
  );
}

function runOf({ at, machine: { cpu, cores, memory, node, load } }: Figures): string {
  const gib = Math.round(memory / 2 ** 30);
  const day = at.slice(0, 10);
  return `${day}, ${cpu}, ${cores} cores, ${gib} GiB, Node ${node}, load ${load.toFixed(1)}.`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const ratio = (figure: number, floor: number): string =>
  floor > 0 ? (figure / floor).toFixed(1) : '';

function callsOf({ calls }: Figures): string {
  const rows = calls.map((row) => {
    const { provider, driver, work, warm, invocations, aws, writes, vendor } = row;
    const floor = floorOf(row);
    return [
      `\`${provider}\``,
      driver,
      `${work}${warm ? ', warm' : ''}`,
      `${invocations}`,
      `${aws}`,
      `${floor.aws}`,
      ratio(aws, floor.aws),
      `${writes}`,
      `${vendor}`,
      `${floor.vendor}`,
      ratio(vendor, floor.vendor),
      `${row.awsBytes + row.vendorBytes}`,
    ];
  });
  const head = ['provider', 'driver', 'work', 'invocations', 'AWS calls', 'floor', 'ratio'];
  return table([...head, 'writes', 'vendor calls', 'floor', 'ratio', 'bytes'], rows);
}

function sweepsOf({ sweeps }: Figures): string {
  const rows = sweeps.map(({ targets, calls, floor, cpuPerTarget, peakMemory, heapLimit }) => [
    targets.toLocaleString('en'),
    `${calls.ListSecrets}`,
    `${floor.lists}`,
    ratio(calls.ListSecrets ?? 0, floor.lists),
    `${calls.SendMessageBatch ?? 0}`,
    cpuPerTarget.toFixed(0),
    `${Math.round(peakMemory / 1e6)}`,
    `${heapLimit}`,
  ]);
  const head = ['targets', 'ListSecrets', 'floor', 'ratio', 'SendMessageBatch'];
  return table([...head, 'µs of CPU a target', 'peak MB', 'heap limit MB'], rows);
}

function startsOf({ starts }: Figures): string {
  const base = least(starts.find(({ name }) => name.startsWith('SDK clients, CDK'))?.times ?? []);
  const rows = starts.map(({ name, size, times }) => [
    name,
    (size / 1000).toFixed(0),
    limits[name] ? (limits[name] / 1000).toFixed(0) : '',
    least(times).toFixed(0),
    (least(times) / base).toFixed(2),
  ]);
  return table(['function', 'KB', 'limit', 'ms', 'ratio'], rows);
}

const least = (times: readonly number[]): number => Math.min(...times);
