import { Violation } from './effect.ts';
import { candidates } from './labels.ts';
import { timing } from './target.ts';
import {
  alive,
  change,
  currentCredential,
  expired,
  type Issued,
  tell,
  type World,
} from './world.ts';

/** Called before a credential ends at the vendor. */
export function ending(world: World, credential: Issued, how: 'disabled' | 'deleted'): void {
  const { id, harmed, leaked, leftAt, announced } = credential;
  if (credential.state === how || credential.state === 'deleted') return;
  if (currentCredential(world)?.id === id) {
    if (!world.movedByHand) throw new Violation('ended-current', `AWSCURRENT is ${how}: ${id}`);
    // no label can protect a version that a person made current a moment ago
    change(world, id, { harmed: true });
    return;
  }
  if (harmed) return;
  if (candidates(world).some((version) => world.values[version]?.credential === id))
    throw new Violation('ended-candidate', `a candidate is ${how}: ${id}`);
  if (leaked || leftAt === undefined || expired(credential, world.now)) return;
  // a retired target keeps announced times, and nothing else
  if (world.retiredAt !== undefined && (leftAt >= world.retiredAt || announced === undefined))
    return;
  const early = leftAt + timing().grace - world.now;
  if (early > timing().tolerance)
    throw new Violation(
      'ended-early',
      `${id} is ${how} ${early / 1000} s before its grace is over`,
    );
  if (announced !== undefined && world.now < announced)
    throw new Violation(
      'ended-before-announced',
      `${id} is ${how} ${(announced - world.now) / 1000} s before the announced end`,
    );
}

type Data = Readonly<Record<string, unknown>>;

const timeIn = (data: unknown): number | undefined => {
  const { revokeAfter } = (data ?? {}) as { revokeAfter?: string };
  return revokeAfter === undefined ? undefined : Date.parse(revokeAfter);
};
const credentialIn = (world: World, data: unknown): Issued | undefined =>
  world.credentials[String(((data ?? {}) as { credentialId?: string }).credentialId)];

/** Events that announce the end of a credential. */
const ends = new Set([
  'Credential Revoked',
  'Credential Expired',
  'Credential Deleted',
  'Orphan Revoked',
]);

/** Called after an event was published. */
export function published(world: World, id: string, type: string, data: Data): void {
  tell(world, { what: 'event', id, type, data });
  if (data.errorClass === 'internal')
    throw new Violation('threw', `${type} of an internal error, at ${String(data.stage)}`);
  const { probation } = world;
  const promotion = type === 'Credential Rotated' || type === 'Rolled Back';
  if (promotion && probation && data.versionId === probation.version)
    throw new Violation(probation.check, probation.message);
  if (promotion) superseded(world, type, type === 'Rolled Back' ? data.from : data.previous);
  const credential = credentialIn(world, data);
  if (type === 'Revocation Due' && credential)
    change(world, credential.id, { announced: timeIn(data) });
  if (ends.has(type) && credential && alive(credential, world.now))
    throw new Violation('told-dead', `${type} of ${credential.id}, which is alive`);
  if (type === 'Credential Deleted' && credential?.state === 'disabled')
    throw new Violation('told-dead', `${type} of ${credential.id}, which is only disabled`);
}

/** Records the end that the event announces for the previous credential. */
function superseded(world: World, type: string, data: unknown): void {
  const previous = credentialIn(world, data);
  if (!previous) return;
  const announced = timeIn(data);
  // it is current again, so it has no end
  if (previous.id === currentCredential(world)?.id) return;
  const meddled = world.movedByHand || world.story.some(({ what }) => what === 'unlabelled');
  if (announced === undefined && alive(previous, world.now) && !meddled)
    throw new Violation(
      'end-not-announced',
      `${type} announces no end of ${previous.id}, which is alive`,
    );
  if (previous.leftAt !== undefined) change(world, previous.id, { announced });
}
