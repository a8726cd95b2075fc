import { RekeyError } from '../errors.ts';
import type { Target } from '../fleet/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { Verdict } from '../ports.ts';
import { type Engine, providerCall, realmsOf } from '../reconcile/index.ts';
import { formatDuration } from '../time.ts';
import { endsSoon } from './admin-expiry.ts';

/** The result of one check. */
export interface Finding {
  readonly about: 'secret' | 'admin' | 'provider' | 'registry';
  /** `unknown`: the check was inconclusive, and reports no fault. */
  readonly outcome: 'ok' | 'wrong' | 'unknown';
  /** The finding, and what to do about it if something is wrong. */
  readonly message: string;
}

/**
 * Checks everything that a target needs, without changing anything: its secret, the admin
 * credential and its rights at the provider, and the verdict of the registry on the current
 * credential.
 */
export async function diagnose(
  engine: Engine,
  target: Target,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = [
    await secret(engine, target),
    await admin(engine, target, signal),
    await registry(engine, target, signal),
  ];
  return [...findings, ...(await adminExpiry(engine, target))];
}

async function secret({ store }: Engine, target: Target): Promise<Finding> {
  const snapshot = await store.describe(target.secret);
  if (!snapshot)
    return {
      about: 'secret',
      outcome: 'wrong',
      message: `${target.secret} does not exist; deploy it, or create it empty`,
    };
  if (snapshot.deletedAt)
    return {
      about: 'secret',
      outcome: 'wrong',
      message: `${target.secret} is scheduled for deletion; restore it`,
    };
  return { about: 'secret', outcome: 'ok', message: `${target.secret} exists` };
}

async function admin(engine: Engine, target: Target, signal: AbortSignal): Promise<Finding> {
  const provider = engine.providers[target.provider];
  if (!provider)
    return {
      about: 'provider',
      outcome: 'wrong',
      message: `there is no provider ${target.provider}`,
    };
  try {
    await provider.check(await providerCall({ engine, target, provider, signal }));
    return {
      about: 'provider',
      outcome: 'ok',
      message: `${target.provider} accepts the admin credential in ${target.admin}`,
    };
  } catch (error) {
    if (!(error instanceof RekeyError)) throw error;
    const about = error.code === 'admin-missing' ? 'admin' : 'provider';
    return { about, outcome: error.retryable ? 'unknown' : 'wrong', message: error.message };
  }
}

/** No finding for a credential that shows no end, or that cannot be read. */
async function adminExpiry(engine: Engine, { admin }: Target): Promise<readonly Finding[]> {
  try {
    const end = await endsSoon(engine, admin);
    if (!end) return [];
    const left = Number(end) - engine.clock.now().getTime();
    const when = left > 0 ? `ends in ${formatDuration(left)}, on` : 'ended on';
    const message =
      `the admin credential in ${admin} ${when} ${end.toISOString()}; ` +
      'put a new one there, or rotations fail';
    return [{ about: 'admin', outcome: 'wrong', message }];
  } catch (error) {
    if (!(error instanceof RekeyError)) throw error;
    return [];
  }
}

async function registry(engine: Engine, target: Target, signal: AbortSignal): Promise<Finding> {
  const value = await engine.store.read(target.secret);
  const login = value && parseValue(value);
  if (!login)
    return {
      about: 'registry',
      outcome: 'unknown',
      message: 'not checked: no credential was issued yet',
    };
  const realms = realmsOf(engine, target);
  const verdict = await engine.registry.check(
    { ...login, realms, access: target.verify.access, manifest: target.verify.manifest },
    signal,
  );
  return { about: 'registry', ...said(login.registry, verdict) };
}

const causes: Readonly<Record<(Verdict & { outcome: 'unknown' })['cause'], string>> = {
  unreachable: 'cannot be reached from here; check the network and its egress',
  'refused-address':
    'is at an address that rekey does not connect to; ' +
    'if it is yours, add its range to network.allow in the fleet file',
  throttled: 'throttles the calls; try again later',
  failed: 'failed; try again later',
  'not-allowed': 'does not let this address in; add it to the allow-list there',
  'not-a-registry': 'does not answer as a registry does; a proxy may be in the way',
  'untrusted-realm':
    'names a token server that the provider does not vouch for; the password was not sent',
  'open-to-all':
    'also accepts a made-up login, which proves nothing; ' +
    'set verify.repository to a private repository',
};

function said(host: string, verdict: Verdict): Omit<Finding, 'about'> {
  switch (verdict.outcome) {
    case 'accepted':
      return { outcome: 'ok', message: `${host} accepts the current credential` };
    case 'refused':
      return { outcome: 'wrong', message: `${host} refuses the current credential; rotate it` };
    case 'lacks-rights':
      return {
        outcome: 'wrong',
        message:
          `${host} accepts the current credential ` +
          `without the right to ${verdict.missing.join(', ')}; check params and verify`,
      };
    case 'unknown':
      return { outcome: 'unknown', message: `${host} ${causes[verdict.cause]}` };
  }
}
