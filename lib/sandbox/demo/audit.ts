import type { Fleet, Target } from '../../core/fleet/index.ts';
import { labelPrefix } from '../../core/ids/label.ts';
import { parseLedger, superseded } from '../../core/ledger/index.ts';
import { parseValue } from '../../core/ledger/value.ts';
import { type Engine, realmsOf } from '../../core/reconcile/index.ts';
import type { SimulatedVendor } from '../vendors/index.ts';

/** The final state of a fleet in figures, as `rekey demo` reports it. */
export interface Audit {
  readonly targets: number;
  /** Targets whose registry accepts a current credential that is not their first. */
  readonly rotated: number;
  /** Credentials with our labels that the vendors have ended. */
  readonly revoked: number;
  /** Credentials that have expired, either stored or with our labels. */
  readonly expired: number;
  /** Stored credentials, apart from the current ones, that the registry refused when tried. */
  readonly dead: number;
  /** One line for each thing that is alive or pending and should not be. */
  readonly leftBehind: readonly string[];
}

/**
 * Counts the final state: reads every version that Secrets Manager still has, tries each at its
 * registry, and asks the vendors for live credentials with our labels. It uses no figure that was
 * counted on the way.
 */
export async function audit(
  fleet: Fleet,
  engine: Engine,
  vendors: readonly SimulatedVendor[],
  versionsOf: (secret: string) => Promise<readonly string[]>,
): Promise<Audit> {
  let [rotated, revoked, expired, dead] = [0, 0, 0, 0];
  const leftBehind: string[] = [];
  for (const target of fleet.targets) {
    const snapshot = await engine.store.describe(target.secret);
    if (!snapshot) {
      leftBehind.push(`${target.name}: its secret no longer exists`);
      continue;
    }
    const { current, pending, versions, arn } = parseLedger(snapshot);
    let issued = 0;
    for (const version of await versionsOf(target.secret)) {
      const outcome = await tried(engine, target, version);
      if (!outcome) continue;
      issued += 1;
      if (version === current?.id && outcome !== 'accepted')
        leftBehind.push(`${target.name}: its current credential is ${outcome}`);
      if (version !== current?.id && outcome === 'refused') dead += 1;
      if (version !== current?.id && outcome !== 'refused')
        leftBehind.push(`${target.name}: an old credential is ${outcome}`);
    }
    if (issued > 1 && current?.credential) rotated += 1;
    if (pending) leftBehind.push(`${target.name}: a candidate or an announcement is pending`);
    for (const { id } of versions.filter(superseded))
      leftBehind.push(`${target.name}: version ${id} is waiting to be revoked`);
    const lists = engine.providers[target.provider]?.find !== undefined;
    const ours = vendors
      .filter(({ provider }) => provider === target.provider)
      .flatMap((vendor) => vendor.credentials())
      .filter(({ label }) => !lists || label.startsWith(labelPrefix(fleet.id, arn)));
    revoked += ours.filter(({ state }) => state === 'deleted').length;
    expired += ours.filter(({ state }) => state === 'expired').length;
    const alive = ours.filter(({ state }) => state === 'enabled' || state === 'disabled');
    if (alive.length > 1)
      leftBehind.push(
        `${target.name}: ${alive.length} credentials are alive at ${target.provider}`,
      );
  }
  return { targets: fleet.targets.length, rotated, revoked, expired, dead, leftBehind };
}

/** The registry's answer to a stored version; `undefined` if the version holds no credential. */
async function tried(engine: Engine, target: Target, version: string): Promise<string | undefined> {
  const value = await engine.store.read(target.secret, version);
  const login = value && parseValue(value);
  if (!login) return undefined;
  const realms = realmsOf(engine, target);
  const { outcome } = await engine.registry.check(
    { ...login, realms },
    AbortSignal.timeout(60_000),
  );
  return outcome;
}
