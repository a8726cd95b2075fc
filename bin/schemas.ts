import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { schemas } from '../lib/wiring/schemas.ts';

// Writes schema/: run it after a change of the fleet file or of an event, and commit what it
// writes.
const files = Object.entries(schemas());
rmSync('schema', { recursive: true, force: true });
for (const [file, text] of files) {
  mkdirSync(dirname(`schema/${file}`), { recursive: true });
  writeFileSync(`schema/${file}`, text);
}
