import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { providers } from '../lib/providers/index.ts';
import { parseFleetText } from '../lib/wiring/fleet-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  env = bare();
});
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** No AWS account, and no way to find one outside this machine. */
const bare = () => {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const cache = { NODE_COMPILE_CACHE: resolve('.rekey/compile-cache') };
  return { ...Object.fromEntries(kept), ...cache, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
};
let env: NodeJS.ProcessEnv;

/** Runs the command in an empty folder, as a user would run it. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [resolve('bin/rekey.js'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  const waiting: [RegExp, (found: string) => void][] = [];
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    for (const [pattern, found] of waiting) if (pattern.test(text)) found(text);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<{ status: number | null; lines: string[] }>((done) => {
    child.on('close', (status) => done({ status, lines: text.trimEnd().split('\n') }));
  });
  const says = (pattern: RegExp) =>
    Promise.race([
      new Promise<string>((found) =>
        pattern.test(text) ? found(text) : waiting.push([pattern, found]),
      ),
      ended.then(({ lines }) => Promise.reject(new Error(lines.join('\n')))),
    ]);
  return { ended, says, stop: () => child.kill('SIGINT') };
}

const example = resolve('examples/fleet.yaml');

test('rekey demo rotates the example fleet, and leaves no credential behind', async () => {
  const { status, lines } = await start('demo', '--fleet', example).ended;
  const last = lines.at(-1) ?? '';
  expect(last).toMatch(
    /^rekey: \d+ targets, \d+ rotated, \d+ revoked, \d+ expired, \d+ proven dead, 0 left behind$/,
  );
  const figures = last.match(/\d+/g) ?? [];
  const [targets, rotated, revoked = 0, expired = 0, dead] = figures.map(Number);
  expect([targets, rotated, dead]).toEqual([
    parseFleetText(readFileSync(example, 'utf8'), providers).targets.length,
    targets,
    revoked + expired,
  ]);
  expect(status).toBe(0);
});

test('rekey demo --keep serves the rekey command until Ctrl-C; --state resumes', async () => {
  const rekey = (...args: string[]) => start('--local', '--fleet', example, ...args).ended;
  const args = ['--fleet', example, '--keep', '--state', 'kept'];
  const first = start('demo', ...args);
  await first.says(/Ctrl-C ends it/);
  expect(statSync(join(folder, '.rekey/local.json')).mode & 0o777).toBe(0o600);
  const rotated = await rekey('rotate', 'speech-engine');
  expect(rotated).toMatchObject({ status: 0 });
  const [banner, published, accepted, ...rest] = rotated.lines;
  expect([banner, published, accepted]).toEqual([
    'demo · account 000000000000 · eu-central-1 · bus rekey-demo',
    expect.stringMatching(
      /^speech-engine: published Rotation Requested on the bus rekey-demo \(cli-/,
    ),
    'speech-engine: accepted',
  ]);
  expect(rest.join('\n')).toMatch(/promoted: .*speech-engine: done$/s);
  const again = await rekey('rotate', 'speech-engine', '--in-process');
  expect(again.status).toBe(3);
  expect(again.lines.at(-1)).toMatch(/^not done: held by too-soon until /);
  expect((await start('demo', '--fleet', example, '--keep').ended).lines).toEqual([
    expect.stringMatching(
      /^an embedded AWS is already running in this folder \(process \d+\); end it first$/,
    ),
  ]);
  first.stop();
  expect((await first.ended).lines.at(-1)).toMatch(/^rekey: .* 0 left behind$/);
  for (const file of ['aws.json', 'vendors.json'])
    expect(statSync(join(folder, 'kept', file)).mode & 0o777).toBe(0o600);

  const second = start('demo', ...args);
  await second.says(/Ctrl-C ends it/);
  expect((await rekey('plan')).lines.join('\n')).toMatch(/speech-engine\s+grace\s/);
  expect((await rekey('rollback', 'speech-engine')).lines.at(-1)).toBe(
    'aborted: not a terminal; pass --yes to confirm',
  );
  expect((await rekey('rollback', 'speech-engine', '--yes')).status).toBe(0);
  second.stop();
  expect((await second.ended).status).toBe(0);
});

test('the rekey command gives advice if no embedded AWS runs', async () => {
  const { status, lines } = await start('--local', '--fleet', example, 'plan').ended;
  expect(status).toBe(1);
  expect(lines.join('\n')).toContain(`${join(folder, '.rekey/local.json')} is missing`);
  expect(lines.join('\n')).toContain('rekey demo --keep');
});

test.each([
  [
    'no region is set',
    {},
    'no AWS region is set; set AWS_REGION, or AWS_PROFILE to a profile with a region',
  ],
  [
    'no credentials are found',
    { AWS_REGION: 'eu-central-1' },
    'no AWS credentials were found; set AWS_PROFILE',
  ],
  [
    'AWS does not answer',
    {
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    },
    'cannot reach AWS in eu-central-1; check the region and the network',
  ],
])(
  'the rekey command gives advice if %s, and prints nothing more',
  async (_what, change, expected) => {
    env = { ...env, ...change };
    const { status, lines } = await start('--fleet', example, 'plan').ended;
    expect(status).toBe(1);
    expect(lines.at(-1)).toContain(expected);
    expect(lines.length).toBeLessThanOrEqual(3);
  },
);

test('the rekey command refuses to run if Node would print credentials', async () => {
  env = { ...env, NODE_DEBUG: 'http' };
  const { status, lines } = await start('--local', '--fleet', example, 'plan').ended;
  expect(status).toBe(2);
  expect(lines).toEqual(['NODE_DEBUG=http makes Node print credentials; unset NODE_DEBUG']);
});

test('a state folder that is a file is refused with advice', async () => {
  writeFileSync(join(folder, 'state'), '');
  const { status, lines } = await start('demo', '--fleet', example, '--state', 'state').ended;
  expect(status).toBe(1);
  expect(lines).toEqual(['state is not a writable folder; move it away or name another one']);
});

test('a port in use is an error that names the port', async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const { status, lines } = await start('demo', '--fleet', example, '--port', String(port)).ended;
  server.close();
  expect(status).toBe(1);
  expect(lines.join('\n')).toBe(`port ${port} on 127.0.0.1 is in use; choose another one`);
});

test('an invalid fleet file ends rekey demo before it starts anything', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'fleet: acme\ntargets: {}\n');
  const { status, lines } = await start('demo', '--fleet', 'bad.yaml').ended;
  expect(status).toBe(1);
  expect(lines).toEqual(['bad.yaml:2:10 targets: a map; expected a list of targets']);
});
