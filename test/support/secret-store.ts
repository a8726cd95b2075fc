import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SecretStore, Snapshot } from '../../lib/core/ports.ts';
import { Secret } from '../../lib/core/secret.ts';
import { collect, versionId } from './embedded-aws.ts';

/** A store, and the operations that only its owner can do. */
export interface StoreUnderTest {
  readonly store: SecretStore;
  /**
   * Creates a secret of this fleet with a first version `versionId(0)` that holds `{}`. Returns its
   * ARN.
   */
  createSecret(name: string, fleet?: string): Promise<string>;
  /** Adds one tag to a secret. */
  tag(name: string, key: string, value: string): Promise<void>;
  scheduleDeletion(name: string): Promise<void>;
  /** Adds a version that has a label and no value yet, as RotateSecret does. */
  addEmptyVersion(name: string, id: string): Promise<void>;
  close(): Promise<void>;
}

const [first, second, third] = [versionId(0), versionId(1), versionId(2)];
const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const pending = 'AWSPENDING';

/** The contract of SecretStore. */
export function testSecretStore(name: string, setUp: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let world: StoreUnderTest;
    let store: SecretStore;
    beforeEach(async () => {
      world = await setUp();
      store = world.store;
      await world.createSecret('app/one');
    });
    afterEach(() => world.close());

    const put = (id: string, value: string, ...labels: string[]) =>
      store.put('app/one', id, new Secret(value), labels);
    const versions = async () => sorted(await store.describe('app/one'));
    const value = async (id?: string) => (await store.read('app/one', id))?.reveal();
    const listed = async (fleet: string) =>
      (await collect(store.list(fleet))).map((snapshot) => snapshot.name).sort();
    const fill = async (count: number) => {
      for (let n = 0; n < count; n += 1) await store.label('app/one', `filler-${n}`, { to: first });
    };

    test('a rotation by Secrets Manager is forbidden if the secret has no function', async () => {
      await expect(store.rotate('app/one', second)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(store.rotate('app/none', second)).rejects.toMatchObject({
        code: 'secret-missing',
      });
    });

    test('a running rotation is reported as such', async () => {
      await world.addEmptyVersion('app/one', second);
      expect(await store.rotate('app/one', third)).toBe('under-way');
    });

    describe('describe and read', () => {
      test('a secret is found by its name and by its ARN', async () => {
        const arn = await world.createSecret('app/two');
        expect(await store.describe('app/two')).toEqual({
          arn,
          name: 'app/two',
          versions: { [first]: [current] },
        });
        expect(await store.describe(arn)).toEqual(await store.describe('app/two'));
      });

      test('a secret that does not exist is undefined', async () => {
        expect(await store.describe('app/none')).toBeUndefined();
        expect(await store.read('app/none')).toBeUndefined();
      });

      test('read returns the current value, or the version with the given id', async () => {
        await put(second, 'new', pending);
        expect([await value(), await value(second)]).toEqual(['{}', 'new']);
      });

      test('a version that does not exist is undefined', async () => {
        expect(await value(third)).toBeUndefined();
      });

      test('a version without a value is described, and its value is undefined', async () => {
        await world.addEmptyVersion('app/one', second);
        expect(await value(second)).toBeUndefined();
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending] });
      });

      test('a secret scheduled for deletion is described with its date, not readable', async () => {
        await world.scheduleDeletion('app/one');
        expect((await store.describe('app/one'))?.deletedAt).toBeInstanceOf(Date);
        expect(await value()).toBeUndefined();
      });

      test('a version without labels is not described, but can be read by its id', async () => {
        await put(second, 'new', pending);
        await store.label('app/one', pending, { from: second });
        expect(await versions()).toEqual({ [first]: [current] });
        expect(await value(second)).toBe('new');
      });
    });

    describe('put', () => {
      test('put stores a version under the given id and labels, and AWSCURRENT stays', async () => {
        expect(await put(second, 'new', pending, 'mine')).toBe('stored');
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending, 'mine'] });
      });

      test('a repeat with the same value changes nothing, not even labels', async () => {
        await put(second, 'new', pending);
        await store.label('app/one', 'mine', { to: second });
        expect(await put(second, 'new', pending, 'other')).toBe('stored');
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending, 'mine'] });
      });

      test('an id with another value exists, pending or not, and keeps its value', async () => {
        await put(second, 'new', pending);
        expect(await put(second, 'other', pending)).toBe('exists');
        expect(await put(first, 'other', pending)).toBe('exists');
        expect([await value(first), await value(second)]).toEqual(['{}', 'new']);
      });

      test('exactly one of eight concurrent puts of one id is stored', async () => {
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, n) => put(second, `value ${n}`, pending)),
        );
        expect(results.sort()).toEqual([...Array(7).fill('exists'), 'stored']);
      });

      test('an id of a version without a value gets the value', async () => {
        await world.addEmptyVersion('app/one', second);
        expect(await put(second, 'new', pending)).toBe('stored');
        expect(await value(second)).toBe('new');
      });

      test('labels on another version move to the new one', async () => {
        await put(second, 'new', pending, 'mine');
        await put(third, 'newer', pending);
        expect(await versions()).toEqual({
          [first]: [current],
          [second]: ['mine'],
          [third]: [pending],
        });
      });

      test('put moves AWSCURRENT and AWSPREVIOUS, and other labels stay', async () => {
        await store.label('app/one', 'mine', { to: first });
        await put(second, 'new', current);
        expect(await versions()).toEqual({ [first]: [previous, 'mine'], [second]: [current] });
        expect(await value()).toBe('new');
      });

      test('a secret that does not exist or is scheduled for deletion is missing', async () => {
        await expect(
          store.put('app/none', second, new Secret('new'), [pending]),
        ).rejects.toMatchObject({
          code: 'secret-missing',
        });
        await world.scheduleDeletion('app/one');
        await expect(put(second, 'new', pending)).rejects.toMatchObject({ code: 'secret-missing' });
      });

      test('the 21st label of a secret is refused and nothing is stored', async () => {
        await fill(19);
        await expect(put(second, 'new', pending)).rejects.toMatchObject({ code: 'label-limit' });
        expect(await value(second)).toBeUndefined();
      });

      test('an error contains neither the value nor text of the vendor', async () => {
        await world.scheduleDeletion('app/one');
        const error = await put(second, 'hunter2-hunter2', pending).catch(
          (reason: unknown) => reason,
        );
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2-hunter2');
        expect(String(error)).toBe('RekeyError: secret app/one is scheduled for deletion');
      });
    });

    describe('label', () => {
      const label = (text: string, move: { from?: string; to?: string }) =>
        store.label('app/one', text, move);
      beforeEach(async () => {
        await put(second, 'new', pending);
      });

      test('a new label is attached', async () => {
        expect(await label('mine', { to: second })).toBe(true);
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending, 'mine'] });
      });

      test('attaching a label to its own version is no error', async () => {
        expect(await label(pending, { to: second })).toBe(true);
      });

      test('a label on another version is not attached', async () => {
        expect(await label(pending, { to: first })).toBe(false);
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending] });
      });

      test('a label moves if it is on the version that the caller names', async () => {
        expect(await label(pending, { from: second, to: first })).toBe(true);
        expect(await versions()).toEqual({ [first]: [current, pending] });
      });

      test('a label does not move if it is on another version or on none', async () => {
        await put(third, 'newer', 'mine');
        expect(await label(pending, { from: third, to: first })).toBe(false);
        expect(await label('nowhere', { from: third, to: first })).toBe(false);
        expect(await versions()).toEqual({
          [first]: [current],
          [second]: [pending],
          [third]: ['mine'],
        });
      });

      test('a label is removed once', async () => {
        expect(await label(pending, { from: second })).toBe(true);
        expect(await label(pending, { from: second })).toBe(false);
        expect(await versions()).toEqual({ [first]: [current] });
      });

      test('a version that does not exist has no label', async () => {
        expect(await label(pending, { from: third })).toBe(false);
        expect(await label(pending, { from: third, to: first })).toBe(false);
      });

      test('attaching to a version that does not exist fails, and is not a lost race', async () => {
        await expect(label('mine', { to: third })).rejects.toMatchObject({ code: 'aws-failed' });
      });

      test('AWSCURRENT cannot be removed, and that is not a lost race', async () => {
        await expect(label(current, { from: first })).rejects.toMatchObject({ code: 'aws-failed' });
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending] });
      });

      test('AWSCURRENT and AWSPREVIOUS move, and the new value is read at once', async () => {
        expect(await label(current, { from: first, to: second })).toBe(true);
        expect(await versions()).toEqual({ [first]: [previous], [second]: [current, pending] });
        expect(await value()).toBe('new');
      });

      test('AWSCURRENT moves back, and AWSPREVIOUS to the version that it leaves', async () => {
        await label(current, { from: first, to: second });
        await label(current, { from: second, to: first });
        expect(await versions()).toEqual({ [first]: [current], [second]: [pending, previous] });
      });

      test('exactly one of two workers moves AWSCURRENT', async () => {
        const move = { from: first, to: second };
        expect((await Promise.all([label(current, move), label(current, move)])).sort()).toEqual([
          false,
          true,
        ]);
      });

      test('the 21st label is refused, and an existing one can still be moved', async () => {
        await fill(18);
        await expect(label('one too many', { to: first })).rejects.toMatchObject({
          code: 'label-limit',
        });
        expect(await label(pending, { from: second, to: first })).toBe(true);
      });

      test('a label of 256 characters fits', async () => {
        expect(await label('x'.repeat(256), { to: first })).toBe(true);
      });

      test('a secret that does not exist or is scheduled for deletion is missing', async () => {
        await expect(store.label('app/none', 'mine', { to: first })).rejects.toMatchObject({
          code: 'secret-missing',
        });
        await world.scheduleDeletion('app/one');
        await expect(label('mine', { to: first })).rejects.toMatchObject({
          code: 'secret-missing',
        });
        await expect(label(pending, { from: third })).rejects.toMatchObject({
          code: 'secret-missing',
        });
      });
    });

    describe('list', () => {
      test('list returns only secrets with exactly this fleet’s tag', async () => {
        await world.createSecret('longer/one', 'acme-2');
        await world.createSecret('other/one', 'other');
        await world.tag('other/one', 'owner', 'acme');
        expect(await listed('acme')).toEqual(['app/one']);
        expect(await listed('nobody')).toEqual([]);
      });

      test('a listed secret equals its description', async () => {
        await put(second, 'new', pending, 'mine');
        expect(await collect(store.list('acme'))).toEqual([await store.describe('app/one')]);
      });

      test('list returns all pages', async () => {
        const names = Array.from({ length: 204 }, (_, n) => `many/${n}`);
        await Promise.all(names.map((one) => world.createSecret(one)));
        expect(await listed('acme')).toEqual(['app/one', ...names].sort());
      });

      test('a secret scheduled for deletion is listed with its date', async () => {
        await world.scheduleDeletion('app/one');
        const [snapshot] = await collect(store.list('acme'));
        expect(snapshot?.deletedAt).toBeInstanceOf(Date);
      });
    });
  });
}

const sorted = (snapshot: Snapshot | undefined) =>
  Object.fromEntries(
    Object.entries(snapshot?.versions ?? {}).map(([id, labels]) => [id, [...labels].sort()]),
  );
