import { agenda, revocationTime } from '../decide/index.ts';
import { endOf } from '../decide/lease.ts';
import { RekeyError } from '../errors.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import { type Ledger, superseded, type Version } from '../ledger/index.ts';
import { earliest } from '../time.ts';

/**
 * The target as `reconcile` has to see it to end all its credentials: no credential is issued, and
 * the current one is replaced by a placeholder without a grace. Superseded credentials keep the
 * time that was announced to consumers.
 */
export const retiredTarget = (
  target: Target,
  { soak }: { readonly soak: number } = target,
): Target => ({
  ...target,
  grace: 0,
  compromisedGrace: 0,
  soak,
  window: undefined,
  retired: true,
});

/**
 * Throws `bad-fleet` if the fleet still rotates the target, by its name or its secret, or is
 * another fleet: a worker would issue the next credential.
 */
export function refuseUnlessRemoved(target: Target, fleet: Fleet): void {
  if (target.fleet !== fleet.id) {
    throw new RekeyError(
      'bad-fleet',
      `${target.name} was a target of the fleet ${target.fleet}, ` +
        `but the fleet file is that of ${fleet.id}`,
    );
  }
  const still = fleet.targets.find(
    ({ name, secret }) => name === target.name || secret === target.secret,
  );
  if (!still) return;
  const what =
    still.name === target.name
      ? `has the target ${target.name}`
      : `keeps ${still.name} in the secret ${target.secret}`;
  throw new RekeyError(
    'bad-fleet',
    `the fleet ${fleet.id} still ${what}; take it out and deploy first`,
  );
}

/** A credential that is not gone yet. */
export interface Remaining {
  readonly credential: string;
  readonly state: 'current' | 'candidate' | 'alive' | 'disabled';
  /** When it will be gone, if that is known. */
  readonly until?: Date;
  /** True if only its expiry ends it. */
  readonly expires: boolean;
}

/** The remaining credentials of a retired target, and when its next work is due. */
export function remains(
  target: Target,
  ledger: Ledger,
  now: Date,
): { readonly left: readonly Remaining[]; readonly again?: Date } {
  const left = ledger.versions.flatMap((version) => {
    if (!version.credential) return [];
    const end = version.disabledAt ? endOf : revocationTime;
    const until = superseded(version) ? end(target, version) : undefined;
    return [
      {
        credential: version.credential.id,
        state: stateOf(version),
        expires: !target.revocable,
        ...(until && { until }),
      },
    ];
  });
  const dues = agenda({ target, ledger, now }).filter(
    ({ version, action }) => version?.credential && action !== 'warn' && action !== 'forget',
  );
  return { left, ...(dues.length > 0 && { again: earliest(...dues.map(({ at }) => at)) }) };
}

function stateOf({ current, pending, disabledAt }: Version): Remaining['state'] {
  if (current) return 'current';
  if (pending) return 'candidate';
  return disabledAt ? 'disabled' : 'alive';
}
