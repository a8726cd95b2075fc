import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { providers } from '../../lib/providers/index.ts';
import { readFleetFile } from '../../lib/wiring/fleet-file.ts';
import { authority } from '../support/certificates.ts';

const { cert, key, issue } = authority();

/** A fleet file in its own folder that names `certs/ca.pem`, and that file with this content. */
function folderWith(content: string | Buffer | undefined, ca = 'certs/ca.pem') {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-ca-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'certs'));
  if (content !== undefined) writeFileSync(join(folder, 'certs/ca.pem'), content);
  const file = join(folder, 'rekey.yaml');
  writeFileSync(file, `fleet: acme\nnetwork:\n  ca: ${ca}\ntargets: []\n`);
  return { folder, file, read: () => readFleetFile(file, providers) };
}

test('network.ca names a file next to the fleet file, and its certificates are deployed', () => {
  const other = issue().cert;
  const { read } = folderWith(`# our authority\n${cert}\r\nand one more\n${other}`);
  const { network } = read();
  expect(JSON.parse(JSON.stringify(network))).toEqual({ allow: [], ca: `${cert}${other}` });
});

test('network.ca accepts an absolute path', () => {
  const { folder } = folderWith(cert);
  const { read } = folderWith(undefined, join(folder, 'certs/ca.pem'));
  expect(read().network?.ca).toBe(cert);
});

test.each<[string, string | Buffer | undefined, string]>([
  ['is missing', undefined, 'a file that exists'],
  [
    'contains a private key',
    `${cert}${key}`,
    'a file with only certificates; this one contains a private key',
  ],
  [
    'contains half of a private key',
    `${cert}-----BEGIN EC PRIVATE KEY-----\nMHcC`,
    'this one contains a private key',
  ],
  [
    'contains a request',
    cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
    'this one contains a certificate request',
  ],
  ['contains no certificate', 'hello', 'a file with certificates as PEM'],
  ['is binary', Buffer.from([0x30, 0x82, 1, 2]), 'a file with certificates as PEM'],
  ['is empty', '', 'a file with certificates as PEM'],
  [
    'contains a broken certificate',
    `${cert}${cert.replace(/\n.{20}/, '\n')}`,
    'number 2 of 2 cannot',
  ],
  ['is too large', 'x'.repeat(1024 * 1024 + 1), 'a file of at most 1048576 bytes'],
])(
  'a certificate file that %s is refused at its place in the fleet file, and not quoted',
  (_what, content, expected) => {
    const { file, read } = folderWith(content);
    const secret = key.split('\n')[1] ?? '';
    const problem = `${file}:3:7 network.ca: "certs/ca.pem"; expected `;
    expect(read).toThrow(problem);
    expect(read).toThrow(expected);
    expect(read).not.toThrow(secret);
  },
);

test('network.ca refuses a folder', () => {
  const { read } = folderWith(undefined, 'certs');
  expect(read).toThrow('network.ca: "certs"; expected a file');
});
