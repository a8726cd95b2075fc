import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

test('no secret is in the logs, metrics, traces or crash output of a function', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const daemon = createSocket('udp4');
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  onTestFinished(() => void daemon.close());
  let traces = '';
  daemon.on('message', (datagram) => {
    traces += datagram.toString();
  });
  const env = {
    PATH: process.env.PATH,
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'canaried.ts'), folder], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const [code] = (await once(child, 'close')) as [number];

  expect(code, complaints).toBe(1);
  expect(complaints, 'the crash').toContain("code: 'aws-failed'");
  expect(output, 'the metrics').toContain('"Rotations":1');
  expect(output, 'the metrics').toContain('"Failures":1');
  expect(complaints, 'the log').toContain('"errorClass":"bad-answer"');
  expect(traces, 'the traces').toContain('"errorClass":"provider-failed"');

  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as string[];
  expect(secrets.length).toBeGreaterThanOrEqual(4);
  for (const [place, text] of Object.entries({
    'the log': output,
    'the crash': complaints,
    'the traces': traces,
  })) {
    for (const secret of secrets) expect(text.includes(secret), `a secret in ${place}`).toBe(false);
  }
  // one line is one record: no text of a vendor or a person starts another
  for (const line of output.split('\n').filter((one) => one !== ''))
    expect(() => JSON.parse(line), line).not.toThrow();
});
