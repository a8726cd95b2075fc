import { DAY } from '../../../lib/core/time.ts';
import { Violation } from './effect.ts';
import { timing, variant } from './target.ts';
import { events, idsMeanOne, lastTold, promotionsTold } from './told.ts';
import { alive, currentCredential, expired, type Happening, type World } from './world.ts';

type Promotion = Extract<Happening, { what: 'promoted' }>;

/** Checks a world that has been well for half an hour: urgent work is done. */
export function wellAgain(world: World): void {
  const { probation } = world;
  if (probation) throw new Violation(probation.check, probation.message);
  currentAlive(world);
  lastTold(world);
  const { story, now, credentials } = world;
  const reported = story.findIndex(
    (one) => one.what === 'asked' && one.type === 'Credential Compromised',
  );
  const failing = events(world, 'Revocation Failed', 'Rotation Failed').some(
    ({ index }) => index > reported,
  );
  for (const one of Object.values(credentials)) {
    if (one.leaked !== 'known' || one.harmed || !alive(one, now) || failing) continue;
    const current = currentCredential(world)?.id === one.id;
    // a person removed the label of its successor: the successor takes up room until it ends, and
    // the requester was notified
    const held =
      story.some(({ what }) => what === 'unlabelled') && events(world, 'Request Held').length > 0;
    if (current && held) continue;
    if (current && !world.movedByHand)
      throw new Violation(
        'leaked-current',
        `${one.id} was reported as compromised, and is AWSCURRENT`,
      );
    if (!current && variant().revocable)
      throw new Violation('leaked-alive', `${one.id} was reported as compromised, and is alive`);
  }
}

function currentAlive(world: World): void {
  const current = currentCredential(world);
  if (current && !alive(current, world.now))
    throw new Violation(
      'current-dead',
      `AWSCURRENT holds ${current.id}, which is ${current.state} or expired`,
    );
}

/** Checks a world at rest: all work is done. */
export function atRest(world: World): void {
  currentAlive(world);
  leftAlive(world);
  requestsHonored(world);
  promotionsTold(world);
  idsMeanOne(world);
}

function leftAlive(world: World): void {
  const { grace, soak } = timing();
  const current = currentCredential(world);
  if (world.retiredAt !== undefined && current)
    throw new Violation('not-retired', `${current.id} is still AWSCURRENT`);
  for (const one of Object.values(world.credentials)) {
    if (one.state === 'deleted' || expired(one, world.now) || one.id === current?.id) continue;
    // without a list or a revocation, only its expiry ends it
    if (
      one.expiresAt !== undefined &&
      (!variant().revocable || (one.leftAt === undefined && !variant().finds))
    )
      continue;
    if (world.now > (one.leftAt ?? one.issuedAt) + grace + soak + 2 * DAY)
      throw new Violation(
        'left-alive',
        `${one.id} is superseded or unknown, and ${one.state} for good`,
      );
  }
}

function requestsHonored(world: World): void {
  const { story } = world;
  for (const [index, one] of story.entries()) {
    if (
      one.what !== 'asked' ||
      !story.some((other) => other.what === 'accepted' && other.number === one.number)
    )
      continue;
    if (world.retiredAt !== undefined) continue;
    const after = story
      .slice(index)
      .filter((other): other is Promotion => other.what === 'promoted');
    if (
      after.some(({ byHand }) => byHand) ||
      story.some(({ what }, at) => what === 'unlabelled' && at > index)
    )
      continue;
    const told = (...types: readonly string[]) =>
      events(world, ...types).filter((event) => event.index > index);
    const refused =
      told('Rollback Failed').length > 0 ||
      told('Rotation Failed').some(({ event }) => event.data.errorClass === 'no-rollback');
    const returned = after.some(({ version }) =>
      story.slice(0, index).some((b) => b.what === 'promoted' && b.version === version),
    );
    if (one.type === 'Rollback Requested' && !refused && !returned)
      throw new Violation('rollback-lost', 'a rollback was accepted, and neither done nor refused');
    const done =
      after.length > 0 || told('Rotation Failed', 'Rolled Back', 'Rollback Failed').length > 0;
    if (one.type === 'Rotation Requested' && !done)
      throw new Violation('request-lost', 'a rotation was requested, and neither done nor refused');
  }
}
