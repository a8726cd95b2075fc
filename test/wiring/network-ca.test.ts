import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { providers } from '../../lib/providers/index.ts';
import { readFleetFile } from '../../lib/wiring/fleet-file.ts';
import { authority } from '../support/certificates.ts';

const { cert, key, issue } = authority();

/**
 * A fleet file in a folder of its own that names `certs/ca.pem`, and that file with this content.
 */
function folderWith(content: string | Buffer | undefined, ca = 'certs/ca.pem') {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-ca-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'certs'));
  if (content !== undefined) writeFileSync(join(folder, 'certs/ca.pem'), content);
  const file = join(folder, 'rekey.yaml');
  writeFileSync(file, `fleet: acme\nnetwork:\n  ca: ${ca}\ntargets: []\n`);
  return { folder, file, read: () => readFleetFile(file, providers) };
}

test('network.ca names a file beside the fleet file, whose certificates travel with the fleet', () => {
  const other = issue().cert;
  const { read } = folderWith(`# our authority\n${cert}\r\nand one more\n${other}`);
  const { network } = read();
  expect(JSON.parse(JSON.stringify(network))).toEqual({ allow: [], ca: `${cert}${other}` });
});

test('a path from the root may be named too', () => {
  const { folder } = folderWith(cert);
  const { read } = folderWith(undefined, join(folder, 'certs/ca.pem'));
  expect(read().network?.ca).toBe(cert);
});

test.each<[string, string | Buffer | undefined, string]>([
  ['is missing', undefined, 'a file that exists'],
  [
    'holds a private key',
    `${cert}${key}`,
    'a file with certificates alone; this one holds a private key',
  ],
  [
    'holds half of a private key',
    `${cert}-----BEGIN EC PRIVATE KEY-----\nMHcC`,
    'this one holds a private key',
  ],
  [
    'holds a request',
    cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
    'this one holds a certificate request',
  ],
  ['holds no certificate', 'hello', 'a file with certificates as PEM'],
  ['is binary', Buffer.from([0x30, 0x82, 1, 2]), 'a file with certificates as PEM'],
  ['is empty', '', 'a file with certificates as PEM'],
  ['holds a broken certificate', `${cert}${cert.replace(/\n.{20}/, '\n')}`, 'number 2 of 2 cannot'],
  ['is beyond all measure', 'x'.repeat(1024 * 1024 + 1), 'a file of at most 1048576 bytes'],
])(
  'a file of certificates that %s is refused where it is named, and not quoted',
  (_what, content, expected) => {
    const { file, read } = folderWith(content);
    const secret = key.split('\n')[1] ?? '';
    const problem = `${file}:3:7 network.ca: "certs/ca.pem"; expected `;
    expect(read).toThrow(problem);
    expect(read).toThrow(expected);
    expect(read).not.toThrow(secret);
  },
);

test('a folder is no file', () => {
  const { read } = folderWith(undefined, 'certs');
  expect(read).toThrow('network.ca: "certs"; expected a file');
});
