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
  test('is beside its code, wherever Lambda has put that', () => {
    writeFileSync(file(), text);
    expect(readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: sha256 })).toEqual(fleet);
  });

  test('that is missing names its file, and says what to do', () => {
    const read = () => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: undefined });
    expect(read).toThrow(
      `${file()} cannot be read: the fleet is not with the function’s code; deploy again`,
    );
  });

  test('that is not the one that was deployed is refused', () => {
    writeFileSync(file(), JSON.stringify({ ...fleet, id: 'evil' }));
    expect(() => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: sha256 })).toThrow(
      /not the fleet that was deployed/,
    );
  });

  test('that is cut off is refused without a word of what is in it', () => {
    writeFileSync(file(), text.slice(0, 9));
    const read = () => readFleet({ REKEY_FLEET: undefined, REKEY_FLEET_SHA256: undefined });
    expect(read).toThrow(/^[^{]*fleet.json is not JSON; deploy again$/);
  });
});
