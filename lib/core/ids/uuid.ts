import { createHash } from 'node:crypto';

/** The namespace of every id that rekey derives. */
const namespace = Buffer.from('6f1d2c5e8a0b4f739d1e3c5a7b9f2d46', 'hex');

/**
 * A name-based UUID (RFC 9562, 5.5): the same parts give the same id, on every machine and after
 * every crash.
 */
export function uuidv5(parts: readonly string[], space: Buffer = namespace): string {
  const bytes = createHash('sha1').update(space).update(parts.join('\n')).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
