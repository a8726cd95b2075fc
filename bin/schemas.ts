import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fleetType } from '../lib/packaging/fleet-type.ts';
import { schemas } from '../lib/wiring/schemas.ts';

// Writes schema/: run it after a change of the fleet file or of an event, and commit what it
// writes.
const made = schemas();
const type = await fleetType(made['rekey.schema.json'] ?? '');
const files = Object.entries({ ...made, 'fleet.ts': type });
rmSync('schema', { recursive: true, force: true });
for (const [file, text] of files) {
  mkdirSync(dirname(`schema/${file}`), { recursive: true });
  writeFileSync(`schema/${file}`, text);
}
