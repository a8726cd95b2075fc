import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Rekey } from '../../../lib/cdk/index.ts';
import { beyondLimits, largeFleet } from '../../cdk/support/limits.ts';

/*
 * `node test/campaigns/bench/synth.ts`: the CPU time of a synth from a fleet file, by size, and its
 * templates with the limits of AWS. Each synth runs in a process of its own, without and with
 * the validation of templates that is built into the CDK, and with cdk-nag as in the app of a
 * clone. Takes about three minutes of CPU.
 */
const sizes: readonly (readonly [targets: number, stacks: number | undefined])[] = [
  [10, undefined],
  [400, undefined],
  [1500, 8],
  [10_000, 32],
];
const checks = ['none', 'built in', 'built in and cdk-nag'] as const;
type Check = (typeof checks)[number];

/** The figures of one synth. */
export interface Synth {
  readonly targets: number;
  readonly check: Check;
  /** CPU time of user and system, start of the process included. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly stacks: number;
  readonly mostResources: number;
  readonly largestTemplateBytes: number;
  /** Limits that a template exceeds. */
  readonly beyond: readonly string[];
}

/** Synthesizes in this process. */
function synth(targets: number, secretStacks: number | undefined, check: Check): Synth {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-synth-'));
  try {
    const fleetFile = join(folder, 'rekey.yaml');
    writeFileSync(fleetFile, JSON.stringify(largeFleet(targets)));
    const app = new App({ outdir: folder, builtinCloudFormationValidation: check !== 'none' });
    if (check === 'built in and cdk-nag')
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new Rekey(new Stack(app, 'Rekey'), 'Rekey', { fleetFile, secretStacks });
    const { stacks } = app.synth();
    const { user, system } = process.cpuUsage();
    const texts = stacks.map(({ templateFullPath }) => readFileSync(templateFullPath, 'utf8'));
    return {
      targets,
      check,
      cpuSeconds: (user + system) / 1e6,
      peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
      stacks: stacks.length,
      mostResources: Math.max(
        ...stacks.map(({ template }) => Object.keys(template.Resources ?? {}).length),
      ),
      largestTemplateBytes: Math.max(...texts.map((text) => Buffer.byteLength(text))),
      beyond: texts.flatMap((text, index) => beyondLimits(stacks[index]?.stackName ?? '', text)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The figures of every size and check, each from a process of its own. */
export const measureSynth = (): readonly Synth[] =>
  sizes.flatMap(([targets, stacks]) =>
    checks.map((check) => {
      const args = [import.meta.filename, String(targets), String(stacks ?? ''), check];
      const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'];
      const output = execFileSync(process.execPath, args, { stdio, encoding: 'utf8' });
      return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Synth;
    }),
  );

const [targets, stacks, check = 'none'] = process.argv.slice(2);
if (import.meta.main && targets !== undefined) {
  const found = synth(Number(targets), Number(stacks) || undefined, check as Check);
  process.stdout.write(`${JSON.stringify(found)}\n`);
} else if (import.meta.main) {
  for (const one of measureSynth()) {
    const { beyond, ...figures } = one;
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    for (const line of beyond) process.stdout.write(`  ${line}\n`);
    if (beyond.length > 0) process.exitCode = 1;
  }
}
