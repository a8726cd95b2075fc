import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { Ledger } from '../../../lib/core/ledger/index.ts';
import type { Journal } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** A request that was taken. */
interface Request {
  readonly target: string;
  readonly type: InboundType;
  readonly at: Date;
  /** AWSCURRENT then. */
  readonly current: string | undefined;
  /** Credentials that the secret held then. */
  readonly credentials: readonly string[];
}

const answers: Readonly<Record<InboundType, readonly string[]>> = {
  'Rotation Requested': ['Credential Rotated', 'Rotation Failed', 'Target Paused', 'Request Held'],
  'Rollback Requested': ['Rolled Back', 'Rollback Failed'],
  'Credential Compromised': [],
  'Compromise Confirmed': [],
};
const failing = ['Revocation Failed', 'Revocation Abandoned'];

export type Expectations = ReturnType<typeof createExpectations>;

/** What was asked for, and what must have become of it once all has been well for ten minutes. */
export function createExpectations(world: World, witness: Witness, journal: Journal) {
  const { clock, provider } = world;
  const requests: Request[] = [];

  /** Its credentials are dead, or a failing event names them. */
  function ended({ target, at, credentials }: Request): void {
    const states = world.states();
    const named = new Set(
      journal.since(target, at, ...failing).map(({ data }) => data.credentialId),
    );
    for (const id of credentials) {
      if (states.get(id) === 'enabled' && provider.revoke && !named.has(id))
        throw new Violation(
          `${target}: ${id} was reported compromised ${at.toISOString()}, is alive, and no event says why`,
        );
    }
  }

  function honored({ target, type, at, current }: Request, ledger: Ledger): void {
    const superseded = type === 'Rotation Requested' && ledger.current?.id !== current;
    if (!superseded && journal.since(target, at, ...answers[type]).length === 0)
      throw new Violation(
        `${target}: ${type} of ${at.toISOString()} was neither honored nor answered`,
      );
  }

  return {
    taken(target: string, type: InboundType, { current, versions }: Ledger): void {
      const credentials = versions.flatMap(({ credential, discarded }) =>
        credential && !discarded ? [credential.id] : [],
      );
      if (type === 'Credential Compromised')
        for (const id of credentials) witness.compromised.add(id);
      if (!current) return;
      // a repeat of one that waits is the same request, which was answered
      const before = type === 'Rotation Requested' ? current.requested?.at : undefined;
      requests.push({ target, type, at: before ?? clock.now(), current: current.id, credentials });
    },
    /** What was asked for of this target was done, or it was said why not. */
    async met(target: Target): Promise<void> {
      const ledger = await world.ledger(target);
      for (const request of requests.filter((one) => one.target === target.name)) {
        // a person who moved labels since may have taken the request off with them
        if ((witness.of(target.name).editedAt ?? new Date(0)) >= request.at) continue;
        if (request.type === 'Credential Compromised') ended(request);
        else if (!target.retired) honored(request, ledger);
      }
    },
    /** AWSCURRENT is alive, by the vendor's word and by the registry's. */
    async lives(target: Target): Promise<void> {
      if (target.retired) return;
      const { current } = await world.ledger(target);
      const { tampered } = witness.of(target.name);
      if (!current?.credential)
        throw new Violation(`${target.name}: ten well minutes later no credential is current`);
      const { id } = current.credential;
      // somebody made a dead one current, or killed it: the next check finds that
      if (witness.killed.has(id) || tampered.has(current.id)) return;
      const state = world.states().get(id) ?? 'deleted';
      if (state !== 'enabled')
        throw new Violation(
          `${target.name}: ten well minutes later the credential of AWSCURRENT is ${state}`,
        );
      const verdict = await world.accepts(target, current.id);
      if (verdict !== 'accepted')
        throw new Violation(
          `${target.name}: ten well minutes later the registry says ${verdict} of AWSCURRENT`,
        );
    },
    /** A rotation that is due and does not happen has an event. */
    async speaks(target: Target): Promise<void> {
      const { current, versions } = await world.ledger(target);
      const { credential } = current ?? {};
      if (target.retired || !credential || target.window) return;
      const back = versions.some(({ rollback }) => rollback?.to === current?.id);
      const old =
        Number(clock.now()) - Number(credential.issuedAt) > target.interval ||
        credential.spec !== target.spec;
      const told = journal.since(
        target.name,
        credential.issuedAt,
        'Rotation Failed',
        'Target Paused',
        'Request Held',
      );
      if (old && !back && told.length === 0)
        throw new Violation(
          `${target.name}: a rotation is due and does not happen, and no event says why`,
        );
    },
  };
}
