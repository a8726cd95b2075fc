import { RekeyError } from '../core/errors.ts';
import type { Http, RegistryCheck, RegistryQuestion, Verdict } from '../core/ports.ts';
import { type Answer, unknown } from './answer.ts';
import { controls } from './control.ts';
import { type Door, findDoor, type Send } from './door.ts';
import { registryUrl } from './realm.ts';

interface Options {
  readonly http: Http;
  /** The current time; controls are cached by it. */
  readonly now: () => Date;
}

/** Asks the same registry about a login that does not exist. */
type Control = (which: 'who' | 'what') => Promise<Answer>;

/**
 * Creates a check that asks a Docker Registry v2 host about a login, by token or by password
 * (https://distribution.github.io/distribution/spec/auth/token/). It first asks whether the login
 * is valid (`who`), then whether it has the rights (`what`):
 *
 *     GET /v2/ ─▶ 401 Bearer ─▶ GET realm ─▶ GET realm with a scope ─▶ HEAD manifest
 *                 401 Basic  ─▶ GET /v2/  ───────────────────────────▶ HEAD manifest
 *
 * A bearer token is checked by one call for the tags of its repository. An answer counts only if a
 * login that does not exist gets a worse one: Harbor grants a token to anyone who asks for a scope,
 * and other registries may grant one to every caller.
 */
export function createRegistryCheck({ http, now }: Options): RegistryCheck {
  const control = controls(now);
  return {
    async check(question, signal) {
      const send: Send = (method, url, headers = {}) =>
        http.send({ method, url: url.href, headers, idempotent: true, signal });
      try {
        const registry = registryUrl(question.registry);
        if (!registry) return unknown('not-a-registry').verdict;
        const door = await findDoor(question, send, registry);
        if ('is' in door)
          return door.is === 'unknown' ? door.verdict : unknown('not-a-registry').verdict;
        return await judge(question, door, (which) => control(question, door, which));
      } catch (error) {
        if (!(error instanceof RekeyError)) throw error;
        const { code } = error;
        return unknown(
          code === 'unreachable' || code === 'refused-address' ? code : 'not-a-registry',
        ).verdict;
      }
    },
  };
}

async function judge(question: RegistryQuestion, door: Door, control: Control): Promise<Verdict> {
  const who = await door.who(question);
  if (who.is === 'unknown') return who.verdict;
  if (who.is !== 'yes' && who.is !== 'partly') return byRights(who, question, door, control);
  const madeUp = await control('who');
  if (madeUp.is === 'unknown') return madeUp.verdict;
  // the registry accepts every login, or does not judge logins at all: only the rights count
  if (madeUp.is !== 'no') return byRights({ is: 'silent' }, question, door, control);
  if (who.is === 'partly') return { outcome: 'lacks-rights', missing: who.missing };
  const what = (await door.what?.(question)) ?? who;
  if (what.is === 'unknown') return what.verdict;
  if (what.is === 'partly') return { outcome: 'lacks-rights', missing: what.missing };
  // DigitalOcean also answers 401 and 403 if rights are missing; the login itself was accepted
  return what.is === 'yes'
    ? { outcome: 'accepted' }
    : { outcome: 'lacks-rights', missing: question.access?.actions ?? [] };
}

const rank = { no: 0, silent: 0, partly: 1, yes: 2 } as const;

/**
 * The verdict if the answer to the login alone was a refusal, or is not conclusive. The login is
 * alive if it has more rights than a login that does not exist: some servers refuse a valid login
 * that asks for no scope.
 */
async function byRights(
  who: Answer,
  question: RegistryQuestion,
  door: Door,
  control: Control,
): Promise<Verdict> {
  const refused =
    who.is === 'no' ? ({ outcome: 'refused' } as const) : unknown('open-to-all').verdict;
  const what = await door.what?.(question);
  if (!what) return refused;
  if (what.is === 'unknown') return what.verdict;
  if (what.is === 'no') return { outcome: 'refused' };
  const madeUp = await control('what');
  if (madeUp.is === 'unknown') return madeUp.verdict;
  if (rank[what.is] <= rank[madeUp.is]) return refused;
  return what.is === 'partly'
    ? { outcome: 'lacks-rights', missing: what.missing }
    : { outcome: 'accepted' };
}
