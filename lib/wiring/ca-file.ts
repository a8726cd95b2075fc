import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const MAX_BYTES = 1024 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/** The certificates of a file as PEM, without other text; or what rekey expected of the file. */
export type CaFile = { readonly pem: string } | { readonly expected: string };

/**
 * Reads the certificates of authorities. They are deployed with the fleet, in the code of the
 * functions. So a file with anything but certificates is refused: otherwise a key that is in the
 * file by mistake would be deployed too.
 */
export function readCa(file: string): CaFile {
  const text = textOf(file);
  if (typeof text !== 'string') return text;
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text))
    return { expected: 'a file with only certificates; this one contains a private key' };
  const blocks = [...text.matchAll(BLOCK)];
  const other = blocks.find(([, what]) => what !== 'CERTIFICATE');
  if (other)
    return {
      expected: `a file with only certificates; this one contains a ${other[1]?.toLowerCase()}`,
    };
  if (blocks.length === 0)
    return { expected: 'a file with certificates as PEM ("-----BEGIN CERTIFICATE-----")' };
  const certificates: string[] = [];
  for (const [block] of blocks) {
    try {
      certificates.push(new X509Certificate(block).toString());
    } catch {
      return {
        expected: [
          'certificates that can be read;',
          `number ${certificates.length + 1} of ${blocks.length} cannot`,
        ].join(' '),
      };
    }
  }
  return { pem: certificates.join('') };
}

function textOf(file: string): string | CaFile {
  try {
    const found = statSync(file);
    if (!found.isFile()) return { expected: 'a file' };
    if (found.size > MAX_BYTES) return { expected: `a file of at most ${MAX_BYTES} bytes` };
    return readFileSync(file, 'latin1');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      expected: missing ? `a file that exists; there is no ${file}` : 'a file that can be read',
    };
  }
}
