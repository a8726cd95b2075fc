/** One authentication scheme that a server offers. Scheme and parameter names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly token68?: string | undefined;
  readonly params: ReadonlyMap<string, string>;
}

const token = /[!#$%&'*+.^_`|~\w-]+/y;
const token68 = /([\w\-.~+/]+=*)[ \t]*(?:,|$)/y;
const equals = /[ \t]*=[ \t]*/y;
/** Accepts more than a token, because some registries omit the quotes around a realm. */
const bare = /[^\s,"]+/y;

/**
 * Parses `WWW-Authenticate` (RFC 9110, 11.6.1); several headers may be joined with commas. Skips
 * anything that is not a challenge, and keeps the first of two parameters with the same name. Never
 * throws. Runs in linear time.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: {
    scheme: string;
    token68?: string | undefined;
    params: Map<string, string>;
  }[] = [];
  let at = 0;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  };

  /**
   * Reads a quoted string and unescapes it (RFC 9110, 5.6.4). Without a closing quote it reads to
   * the end and returns undefined.
   */
  const quoted = (): string | undefined => {
    let text = '';
    for (at += 1; at < header.length; at += 1) {
      const char = header[at];
      if (char === '"') {
        at += 1;
        return text;
      }
      if (char === '\\') at += 1;
      text += header[at] ?? '';
    }
    return undefined;
  };

  while (at < header.length) {
    const char = header.charAt(at);
    const name = take(token)?.[0].toLowerCase();
    if (name === undefined) {
      // a comma, a space or garbage; a quoted string is skipped as a whole, because it may look
      // like a challenge inside
      if (char === '"') quoted();
      else at += 1;
      continue;
    }
    const current = challenges.at(-1);
    if (take(equals)) {
      const value = header[at] === '"' ? quoted() : take(bare)?.[0];
      if (current && value !== undefined && !current.params.has(name))
        current.params.set(name, value);
      continue;
    }
    const gap = take(/[ \t]+/y) !== null;
    challenges.push({
      scheme: name,
      token68: gap ? take(token68)?.[1] : undefined,
      params: new Map(),
    });
  }
  return challenges;
}
