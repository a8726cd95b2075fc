import { mkdirSync, writeFileSync } from 'node:fs';
import { schemas } from '../lib/wiring/schemas.ts';

// Writes schema/: run it after a change of the fleet file or of an event, and commit what it
// writes.
mkdirSync('schema/events', { recursive: true });
for (const [file, text] of Object.entries(schemas())) writeFileSync(`schema/${file}`, text);
