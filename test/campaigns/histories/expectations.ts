import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { type Ledger, superseded } from '../../../lib/core/ledger/index.ts';
import { plus } from '../../../lib/core/time.ts';
import type { Journal } from './journal.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** An accepted request. */
interface Request {
  readonly target: string;
  readonly type: InboundType;
  readonly at: Date;
  /** AWSCURRENT at that time. */
  readonly current: string | undefined;
  /** Credentials in the secret at that time. */
  readonly credentials: readonly string[];
}

const answers: Readonly<Record<InboundType, readonly string[]>> = {
  'Rotation Requested': ['Credential Rotated', 'Rotation Failed', 'Target Paused', 'Request Held'],
  'Rollback Requested': ['Rolled Back', 'Rollback Failed'],
  'Credential Compromised': [],
  'Compromise Confirmed': [],
};
/** The most labels that a rotation needs. */
const LABELS = 5;
const failing = ['Revocation Failed', 'Revocation Abandoned'];

export type Expectations = ReturnType<typeof createExpectations>;

/** The accepted requests, and their required outcome after ten healthy minutes. */
export function createExpectations(world: World, witness: Witness, journal: Journal) {
  const { clock, provider } = world;
  const requests: Request[] = [];

  /** The number of superseded credentials whose announced end is to come. */
  const inTheirGrace = ({ versions }: Ledger): number =>
    versions.filter(
      (version) => superseded(version) && version.revokeAfter && version.revokeAfter > clock.now(),
    ).length;

  /** Checks that the credentials are dead, or that an event names the failure. */
  function ended({ target, at, credentials }: Request): void {
    const states = world.states();
    const named = new Set(
      journal.since(target, at, ...failing).map(({ data }) => data.credentialId),
    );
    for (const id of credentials) {
      if (states.get(id) === 'enabled' && provider.revoke && !named.has(id))
        throw new Violation(
          [
            `${target}: ${id} was reported compromised ${at.toISOString()}, is alive, and no`,
            'event says why',
          ].join(' '),
        );
    }
  }

  function honored({ target, type, at, current }: Request, ledger: Ledger): void {
    const rotated = type === 'Rotation Requested' && ledger.current?.id !== current;
    if (!rotated && journal.since(target, at, ...answers[type]).length === 0)
      throw new Violation(
        `${target}: ${type} of ${at.toISOString()} was neither honored nor answered`,
      );
  }

  /**
   * True if one of its own superseded credentials, whose end was announced with its successor, will
   * make the room that a rotation needs: at the vendor, or for labels.
   */
  function roomComes({ soak }: Target, { versions, free }: Ledger): boolean {
    const ends = versions
      .filter(superseded)
      .map(({ revokeAfter, disabledAt }) => (disabledAt ? plus(disabledAt, soak) : revokeAfter));
    const alive = world.vendor
      .credentials()
      .filter(({ state }) => state === 'enabled' || state === 'disabled');
    const full = alive.length >= provider.capabilities.liveAtOnce || free < LABELS;
    return full && ends.some((end) => end && end > clock.now());
  }

  const held = ({ versions }: Ledger): readonly string[] =>
    versions.flatMap(({ credential, discarded }) =>
      credential && !discarded ? [credential.id] : [],
    );

  /** rekey may end the credentials that the secret held when they were reported. */
  function reported(ledger: Ledger): void {
    for (const id of held(ledger)) witness.compromised.add(id);
  }

  return {
    reported,
    taken(target: string, type: InboundType, ledger: Ledger): void {
      const { current } = ledger;
      const credentials = held(ledger);
      if (type === 'Credential Compromised') reported(ledger);
      if (!current) return;
      // a repeat of a pending request is the same request, which was answered
      const before = type === 'Rotation Requested' ? current.requested?.at : undefined;
      requests.push({ target, type, at: before ?? clock.now(), current: current.id, credentials });
    },
    /** Checks that the target's requests were carried out, or that an event says why not. */
    async met(target: Target): Promise<void> {
      const ledger = await world.ledger(target);
      for (const request of requests.filter((one) => one.target === target.name)) {
        // a person who moved labels since then may have removed the request
        if ((witness.of(target.name).editedAt ?? new Date(0)) >= request.at) continue;
        if (request.type === 'Credential Compromised') ended(request);
        else if (!target.retired) honored(request, ledger);
      }
    },
    /** Checks that AWSCURRENT is alive at the vendor and at the registry. */
    async lives(target: Target): Promise<void> {
      if (target.retired) return;
      const ledger = await world.ledger(target);
      const { current } = ledger;
      const { tampered } = witness.of(target.name);
      // a person replaced the credential, and the vendor has no room until an announced end
      if (!current?.credential && inTheirGrace(ledger) >= provider.capabilities.liveAtOnce) return;
      if (!current?.credential)
        throw new Violation(`${target.name}: after ten healthy minutes no credential is current`);
      const { id } = current.credential;
      // a person made a dead credential current, or killed it: the next check finds that
      if (witness.killed.has(id) || tampered.has(current.id)) return;
      const state = world.states().get(id) ?? 'deleted';
      if (state !== 'enabled')
        throw new Violation(
          `${target.name}: after ten healthy minutes the credential of AWSCURRENT is ${state}`,
        );
      const verdict = await world.accepts(target, current.id);
      if (verdict !== 'accepted')
        throw new Violation(
          `${target.name}: after ten healthy minutes the registry answers ${verdict} to AWSCURRENT`,
        );
    },
    /**
     * Checks that an event reports a due rotation that does not happen. A wait for an announced end
     * needs no event of its own.
     */
    async speaks(target: Target): Promise<void> {
      const ledger = await world.ledger(target);
      const { current, versions } = ledger;
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
      if (old && !back && told.length === 0 && !roomComes(target, ledger))
        throw new Violation(
          `${target.name}: a rotation is due and does not happen, and no event says why`,
        );
    },
  };
}
