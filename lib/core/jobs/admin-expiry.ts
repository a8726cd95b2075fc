import type { AdminAccount } from '../fleet/admin-account.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import { secretRecord } from '../ledger/record.ts';
import type { Engine } from '../reconcile/engine.ts';
import { publish } from '../reconcile/publish.ts';
import { DAY, HOUR, plus, stamp } from '../time.ts';

/**
 * Milliseconds. Warnings start this long before the end of an admin credential: no rotation
 * succeeds after it.
 */
export const WARN_AHEAD = 30 * DAY;

/**
 * Milliseconds between two scans of an account; the first scan of a day announces. The same as
 * `ORPHANS_EVERY`, because the orphan scan does this check.
 */
const LOOKS_EVERY = 6 * HOUR;

/**
 * The end of the admin credential in this secret, if it is near; `undefined` if it is not, or if
 * the secret shows no end.
 */
export async function endsSoon(
  { admins, clock }: Engine,
  secret: string,
): Promise<Date | undefined> {
  const end = await admins.expiry?.(secret);
  return end && end <= plus(clock.now(), WARN_AHEAD) ? end : undefined;
}

/**
 * Announces that an admin credential is about to end, once a day for each account, through the
 * first target that it issues for. No state is kept: the first scan of a day announces, and a
 * repeat has the same event id.
 */
export async function announceAdminExpiry(
  engine: Engine,
  fleet: Fleet,
  account: AdminAccount,
  options: { readonly signal: AbortSignal; readonly correlationId: string },
): Promise<void> {
  const now = engine.clock.now();
  if (now.getTime() % DAY >= LOOKS_EVERY) return;
  const [target] = fleet.targets.flatMap((one) => at(one, account));
  const provider = engine.providers[account.provider];
  const end = target && provider && (await endsSoon(engine, account.admin));
  if (!end) return;
  const record = secretRecord(engine.store, target.secret);
  await record.refresh();
  if (!record.snapshot) return;
  const run = {
    engine,
    target,
    record,
    provider,
    ...options,
    progress: {},
  };
  const today = stamp(now).slice(0, 8);
  const data = { admin: account.admin, expiresAt: end.toISOString() };
  await publish(run, [
    'Admin Credential Expiring',
    `${account.admin} ${stamp(end)} ${today}`,
    data,
  ]);
}

/** The target at each place, its own or a former one, that this account issues for. */
const at = (target: Target, { provider, admin }: AdminAccount): readonly Target[] =>
  [target, ...(target.former ?? []).map((former) => ({ ...target, ...former }))].filter(
    (one) => one.provider === provider && one.admin === admin,
  );
