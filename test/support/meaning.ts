/** The content of an event, apart from its time. */
export interface Said {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * The meaning of an event to a subscriber that drops repeats.
 * After a crash, a death is proven again at another time, and the previous credential gets its
 * grace again, so it ends later than first announced. A repeat must not differ in anything else.
 */
export function meaning({ type, data }: Said): string {
  const { proof, previous, from, ...rest } = data;
  const kind = (proof as { readonly kind?: unknown } | undefined)?.kind;
  const lasting = { ...rest, proof: kind, previous: timeless(previous), from: timeless(from) };
  return `${type} ${JSON.stringify(sorted(lasting))}`;
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
