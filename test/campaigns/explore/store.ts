import { RekeyError } from '../../../lib/core/errors.ts';
import { LABEL_LIMIT, relabeled } from '../../../lib/core/ledger/index.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import type { SecretStore } from '../../../lib/core/ports.ts';
import { Secret } from '../../../lib/core/secret.ts';
import type { Through } from './effect.ts';
import { promoted } from './promotions.ts';
import { currentVersion, snapshotOf, type World } from './world.ts';

const count = (world: World): number =>
  Object.values(world.labels).reduce((sum, labels) => sum + labels.length, 0);
const holder = (world: World, label: string): string | undefined =>
  Object.keys(world.labels).find((id) => world.labels[id]?.includes(label));

function relabel(
  world: World,
  label: string,
  move: { from?: string; to?: string },
  byHand: boolean,
): void {
  world.labels = relabeled(snapshotOf(world), label, move).versions;
  if (label === 'AWSCURRENT' && move.to) promoted(world, move.to, move.from, byHand);
}

/** UpdateSecretVersionStage. */
export function moveLabel(
  world: World,
  label: string,
  move: { from?: string; to?: string },
  byHand = false,
): boolean {
  const { from, to } = move;
  const at = holder(world, label);
  if (from !== undefined && at !== from) return false;
  if (from === undefined && at !== undefined) return at === to;
  if (to !== undefined && !world.values[to])
    throw new RekeyError('aws-failed', 'explored: no such version');
  if (to === undefined && label === 'AWSCURRENT')
    throw new RekeyError('aws-failed', 'explored: AWSCURRENT cannot be removed');
  if (at === undefined && count(world) >= LABEL_LIMIT)
    throw new RekeyError('label-limit', 'explored: the secret has no room for a label');
  relabel(world, label, move, byHand);
  return true;
}

/** PutSecretValue. */
export function putValue(
  world: World,
  id: string,
  text: string,
  labels: readonly string[],
  credential: string | undefined,
  byHand = false,
): 'stored' | 'exists' {
  const known = world.values[id];
  if (known) return known.text === text ? 'stored' : 'exists';
  const added = labels.filter((label) => holder(world, label) === undefined).length;
  if (count(world) + added > LABEL_LIMIT)
    throw new RekeyError('label-limit', 'explored: the secret has no room for a label');
  world.values = { ...world.values, [id]: { text, credential } };
  for (const label of labels) {
    const from = label === 'AWSCURRENT' ? currentVersion(world) : undefined;
    relabel(world, label, { ...(from && { from }), to: id }, byHand);
  }
  return 'stored';
}

/** The vendor's credential in a value. */
function credentialIn(world: World, value: Secret): string | undefined {
  const login = parseValue(value);
  if (!login) return undefined;
  const password = login.password.reveal();
  return Object.values(world.credentials).find(
    (one) => one.password === password && one.username === login.username,
  )?.id;
}

const nameOf = (
  label: string,
  { from, to }: { readonly from?: string; readonly to?: string },
): string => {
  const kind = label.startsWith('rekey:')
    ? (/^rekey:(?:\d+:)?([a-z-]+)/.exec(label)?.[1] ?? label)
    : label;
  return `${from && to ? 'move' : to ? 'attach' : 'remove'} ${kind}`;
};

/** Secrets Manager as one worker sees it. */
export function storeOf(world: World, through: Through): SecretStore {
  const scope = 'aws';
  const read = (id: string | undefined) => {
    const value = world.values[id ?? currentVersion(world) ?? ''];
    return value && new Secret(value.text);
  };
  return {
    async *list() {
      yield await through({ name: 'list', scope, write: false, run: () => snapshotOf(world) });
    },
    describe: () =>
      through({ name: 'describe', scope, write: false, run: () => snapshotOf(world) }),
    // the value of a version never changes, so no other actor can interfere
    read: (_, id) =>
      through({ name: id ? 'read' : 'read current', scope, write: false, run: () => read(id) }),
    put: (_, id, value, labels) =>
      through({
        name: labels.some((label) => label.includes(':burnt:')) ? 'burn' : 'put',
        scope,
        write: true,
        run: () => putValue(world, id, value.reveal(), labels, credentialIn(world, value)),
      }),
    label: (_, label, move) =>
      through({
        name: nameOf(label, move),
        scope,
        write: true,
        run: () => moveLabel(world, label, move),
      }),
    rotate: () => Promise.reject(new RekeyError('forbidden', 'explored: no function is set up')),
  };
}
