import { Violation } from './effect.ts';
import { timing } from './target.ts';
import { alive, change, type Happening, type Issued, tell, type World } from './world.ts';

type Request = Extract<Happening, { what: 'asked' }>;
type Promotion = Extract<Happening, { what: 'promoted' }>;

export const isPromotion = (one: Happening): one is Promotion => one.what === 'promoted';

/**
 * True if such a request was made after that point, or was still being written down at that point.
 */
const openAfter = (
  story: readonly Happening[],
  since: number,
  wanted: (one: Request) => boolean,
): boolean =>
  story.some((one) => {
    if (one.what !== 'asked' || !wanted(one)) return false;
    const end = story.findIndex(
      ({ what, ...rest }) => what !== 'asked' && 'number' in rest && rest.number === one.number,
    );
    return end < 0 || end > since;
  });

/** AWSCURRENT has moved. */
export function promoted(
  world: World,
  version: string,
  from: string | undefined,
  byHand: boolean,
): void {
  const { probation } = world;
  if (probation && version === probation.from && from === probation.version) {
    repaired(world, probation);
    return;
  }
  if (probation) throw new Violation(probation.check, probation.message);
  const id = world.values[version]?.credential;
  const left = world.values[from ?? '']?.credential;
  const credential = id === undefined ? undefined : world.credentials[id];
  const wrong = credential && !byHand ? problem(world, version, credential, from) : undefined;
  tell(world, { what: 'promoted', version, from, byHand, credential: id });
  world.movedByHand = byHand;
  if (wrong) world.probation = { ...wrong, version, from, leftAt: credential?.leftAt };
  if (left !== undefined) change(world, left, { leftAt: world.now, announced: undefined });
  if (id !== undefined) change(world, id, { leftAt: undefined, announced: undefined });
}

/** The wrong promotion was undone before it was announced: it counts as if it never happened. */
function repaired(world: World, { version, from, leftAt }: NonNullable<World['probation']>): void {
  const index = world.story.findLastIndex((one) => isPromotion(one) && one.version === version);
  world.story = world.story.toSpliced(index, 1);
  world.probation = undefined;
  const [back, kept] = [world.values[version]?.credential, world.values[from ?? '']?.credential];
  if (back !== undefined) change(world, back, { leftAt });
  if (kept !== undefined) change(world, kept, { leftAt: undefined });
}

interface Problem {
  readonly check: string;
  readonly message: string;
}

function problem(
  world: World,
  version: string,
  credential: Issued,
  from: string | undefined,
): Problem | undefined {
  const { id, state, accepted, harmed } = credential;
  if (!accepted)
    throw new Violation('promoted-unproven', `${id} was made current, and no registry accepted it`);
  if (!alive(credential, world.now) && !harmed)
    return {
      check: 'promoted-dead',
      message: `${id} was made current, and is ${state} or expired`,
    };
  return world.movedByHand ? undefined : unasked(world, version, credential, from);
}

/** No credential returns and no rollback is undone without a request. */
function unasked(
  { story, ...world }: World,
  version: string,
  { id }: Issued,
  from: string | undefined,
): Problem | undefined {
  const left = story.findLastIndex((one) => isPromotion(one) && one.from === version);
  if (left >= 0) {
    if (openAfter(story, left, ({ type }) => type === 'Rollback Requested')) return undefined;
    return {
      check: 'came-back',
      message: `${id} was superseded, and made current again unasked`,
    };
  }
  const wasLeft = (one: string, before: number) =>
    story.slice(0, before).some((each) => isPromotion(each) && each.from === one);
  const back = story.findLastIndex((one, index) => isPromotion(one) && wasLeft(one.version, index));
  const rollback = story[back];
  if (rollback?.what !== 'promoted' || rollback.byHand || rollback.version !== from)
    return undefined;
  const issued = story.findIndex((one) => one.what === 'issued' && one.credential === id);
  const check = 'rollback-undone';
  if (issued < back)
    return { check, message: `${id}, issued before a rollback, was promoted over it` };
  const abandoned = world.credentials[world.values[rollback.from ?? '']?.credential ?? ''];
  const until = (abandoned?.leftAt ?? 0) + timing().grace - timing().tolerance;
  const requested = story.findLastIndex(
    (one, at) => at < back && one.what === 'asked' && one.type === 'Rollback Requested',
  );
  const since = Math.max(0, requested);
  const meddled = story.some(({ what }) => what === 'unlabelled');
  if (
    world.now >= until ||
    meddled ||
    mayGo(world, rollback) ||
    openAfter(story, since, ({ type }) => type !== 'Rollback Requested')
  )
    return undefined;
  return { check, message: `${id} was promoted over a rollback that still holds` };
}

/** The credential that was rolled back to is dead, compromised or about to expire. */
function mayGo(
  { credentials, now }: Omit<World, 'story'>,
  { credential = '' }: Promotion,
): boolean {
  const { leaked, harmed, expiresAt } = credentials[credential] ?? {};
  return (
    leaked !== undefined ||
    harmed === true ||
    (expiresAt !== undefined && expiresAt - now < 2 * timing().grace)
  );
}
