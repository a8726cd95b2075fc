import { Violation } from './effect.ts';
import { currentCredential, currentVersion, type Happening, type World } from './world.ts';

type Event = Extract<Happening, { what: 'event' }>;

export const events = (
  { story }: World,
  ...types: readonly string[]
): readonly { event: Event; index: number }[] =>
  story.flatMap((event, index) =>
    event.what === 'event' && (types.length === 0 || types.includes(event.type))
      ? [{ event, index }]
      : [],
  );

/** A consumer that follows the events in order has AWSCURRENT. */
export function lastTold(world: World): void {
  // a repeat has the id of the first event, and a consumer drops it
  const last = events(world, 'Credential Rotated', 'Rolled Back')
    .filter(({ event }, at, all) => all.findIndex((other) => other.event.id === event.id) === at)
    .at(-1)?.event;
  if (!last || world.movedByHand || world.retiredAt !== undefined || !currentCredential(world))
    return;
  // without the label the engine cannot know that there is an event to publish
  if (world.story.some((one) => one.what === 'unlabelled' && one.kind === 'credential')) return;
  if (last.data.versionId !== currentVersion(world))
    throw new Violation(
      'told-late',
      `the last announcement, ${last.type} of ${last.data.credentialId}, is not of AWSCURRENT`,
    );
}

/** Each promotion has an event of its own, published after it. */
export function promotionsTold(world: World): void {
  if (world.retiredAt !== undefined) return;
  const { story } = world;
  const byHand = story.findLastIndex((one) => one.what === 'promoted' && one.byHand);
  const first = new Map<string, { index: number; version: unknown }>();
  for (const { event, index } of events(world, 'Credential Rotated', 'Rolled Back'))
    if (!first.has(event.id)) first.set(event.id, { index, version: event.data.versionId });
  const left = new Map<string, number>();
  for (let index = story.length - 1; index > byHand; index--) {
    const one = story[index];
    if (
      one?.what !== 'promoted' ||
      one.credential === undefined ||
      world.credentials[one.credential]?.harmed
    )
      continue;
    const promotions = (left.get(one.version) ?? 0) + 1;
    left.set(one.version, promotions);
    const told = [...first.values()].filter(
      (event) => event.version === one.version && event.index > index,
    ).length;
    if (told < promotions)
      throw new Violation('not-told', `a promotion of ${one.credential} has no event of its own`);
  }
}

/** An id stands for one transition: its data never change, except for times. */
export function idsMeanOne(world: World): void {
  const first = new Map<string, Event>();
  for (const { event } of events(world)) {
    const before = first.get(event.id) ?? event;
    first.set(event.id, before);
    const fields = [...new Set([...Object.keys(before.data), ...Object.keys(event.data)])];
    const differ = fields.filter(
      (field) => said(before, field) !== said(event, field) && !over(event, field),
    );
    if (before.type !== event.type || differ.length > 0) {
      const all = (one: Event) => differ.map((field) => `${field} ${said(one, field)}`).join(', ');
      throw new Violation(
        'id-twice',
        `one event id has two contents: ${event.type} with ${all(before)}, then with ${all(event)}`,
      );
    }
  }
}

/** A repeated proof of death may name another control, and has another time. */
const said = ({ data }: Event, field: string): string =>
  timeless(
    field === 'proof' ? (data.proof as { readonly kind?: unknown } | undefined)?.kind : data[field],
  );

/** A repeat may leave out a predecessor that has ended in the meantime. */
const over = ({ data }: Event, field: string): boolean =>
  ['previous', 'from'].includes(field) && data[field] === undefined;

const timeless = (value: unknown): string =>
  (JSON.stringify(value) ?? 'absent').replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, 'time');
