import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readFleet } from '../../functions/shared/environment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-task-'));
  vi.stubEnv('LAMBDA_TASK_ROOT', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const fleet = { id: 'acme', targets: [] };
const text = JSON.stringify(fleet);
const sha256 = createHash('sha256').update(text).digest('hex');
const file = () => join(folder, 'fleet.json');

describe('the fleet of a function', () => {
  test('a function reads the fleet next to its code by default', () => {
    writeFileSync(file(), text);
    expect(readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: sha256 })).toEqual(fleet);
  });

  test('a missing fleet throws bad-fleet with its path and advice', () => {
    const read = () => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: undefined });
    expect(read).toThrow(
      `${file()} cannot be read: the fleet is not with the function’s code; deploy again`,
    );
  });

  test('a fleet other than the deployed one throws bad-fleet', () => {
    writeFileSync(file(), JSON.stringify({ ...fleet, id: 'evil' }));
    expect(() => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: sha256 })).toThrow(
      /not the fleet that was deployed/,
    );
  });

  test('a truncated fleet throws bad-fleet without quoting it', () => {
    writeFileSync(file(), text.slice(0, 9));
    const read = () => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: undefined });
    expect(read).toThrow(/^[^{]*fleet.json is not JSON; deploy again$/);
  });
});
