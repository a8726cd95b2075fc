import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/*
 * GitHub reads these files, and nothing here runs them: an error in one would be seen after a push.
 */
interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly steps: readonly Step[];
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly name: string;
  readonly on: object;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Form {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly value?: string };
  }[];
}

const text = (file: string): string => readFileSync(file, 'utf8');
const workflows = globSync('.github/workflows/*.yml').sort();
const workflow = (file: string) => parse(text(file)) as Workflow;
const { scripts } = JSON.parse(text('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Says why a command of a workflow cannot run. */
function wrongIn(command: string): string | undefined {
  const script = /^npm run ([\w:-]+)/.exec(command)?.[1];
  if (script) return scripts[script] ? undefined : `package.json has no script ${script}`;
  if (/^(?:npm (?:ci|publish)|git (?:tag|push))\b/.test(command)) return undefined;
  try {
    accessSync(command, constants.X_OK);
    return undefined;
  } catch {
    return `${command} is not a file that can be run`;
  }
}

describe('the workflows on GitHub', () => {
  test('there is a workflow for each push, each night and each release', () => {
    expect(workflows.map((file) => basename(file))).toEqual([
      'ci.yml',
      'nightly.yml',
      'release.yml',
    ]);
  });

  test.each(workflows)('%s names scripts that exist', (file) => {
    const steps = Object.values(workflow(file).jobs).flatMap((job) => job.steps);
    const commands = steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.flatMap((command) => wrongIn(command) ?? [])).toEqual([]);
  });

  test.each(workflows)('%s pins each action to a commit, and says which version it is', (file) => {
    const uses = [...text(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, used]) => used);
    expect(uses.length).toBeGreaterThan(0);
    for (const used of uses) expect(used).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test.each(workflows)('%s may only read by default, ends, and is marked as untried', (file) => {
    const { permissions, jobs } = workflow(file);
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(text(file)).toMatch(/^# Untried: /);
  });

  test('only the job that publishes may write, after every check', () => {
    const { jobs } = workflow('.github/workflows/release.yml');
    expect(jobs.checks?.permissions).toBeUndefined();
    expect(jobs.publish?.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
    const commands = jobs.publish?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(commands.slice(0, 3)).toEqual(['npm ci', 'npm run release:check', 'npm publish']);
    expect(jobs.checks?.steps.at(-1)?.run).toBe('.ci/run');
  });

  test('a command that does not exist is found', () => {
    expect(wrongIn('npm run no-such-script')).toBe('package.json has no script no-such-script');
    expect(wrongIn('.ci/none')).toBe('.ci/none is not a file that can be run');
    expect(wrongIn('README.md')).toBe('README.md is not a file that can be run');
    expect(wrongIn('.ci/run')).toBeUndefined();
  });
});

describe('the issue forms on GitHub', () => {
  const forms = globSync('.github/ISSUE_TEMPLATE/*.yml').filter(
    (file) => basename(file) !== 'config.yml',
  );

  test('there is a form for a bug and one for a provider', () => {
    expect(forms.map((file) => basename(file)).sort()).toEqual(['bug.yml', 'provider.yml']);
  });

  // docs.github.com, "Syntax for GitHub's form schema"
  test.each(forms)('%s is a form that GitHub accepts', (file) => {
    const { name, description, labels, body } = parse(text(file)) as Form;
    expect([name, description, ...labels].every((one) => typeof one === 'string')).toBe(true);
    const ids = body.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, id, attributes } of body) {
      expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
      expect(typeof (type === 'markdown' ? attributes.value : attributes.label)).toBe('string');
      expect(id === undefined).toBe(type === 'markdown');
    }
  });
});

test('SECURITY.md names a private way to report, and no address that could be another’s', () => {
  const page = text('SECURITY.md');
  expect(page).toContain('Report a vulnerability');
  expect(page).not.toMatch(/[\w.]+@[\w-]+\.\w+|https?:/);
});
