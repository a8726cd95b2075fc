/** What an event says, apart from when. */
export interface Said {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What an event means to a subscriber that drops repeats. After a crash a death is proven again, at
 * another time, and the credential before is given its grace again, so that it ends later than was
 * said first; nothing else may differ in a repeat.
 */
export function meaning({ type, data }: Said): string {
  const { proof, previous, from, ...rest } = data;
  const kind = (proof as { readonly kind?: unknown } | undefined)?.kind;
  return `${type} ${JSON.stringify(sorted({ ...rest, proof: kind, previous: timeless(previous), from: timeless(from) }))}`;
}

function timeless(credential: unknown): unknown {
  if (typeof credential !== 'object' || credential === null) return credential;
  const { revokeAfter, ...rest } = credential as { readonly revokeAfter?: unknown };
  return { ...rest, ends: revokeAfter !== undefined };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
