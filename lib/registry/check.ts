import { RekeyError } from '../core/errors.ts';
import type { Http, RegistryCheck, RegistryQuestion, Verdict } from '../core/ports.ts';
import { type Answer, unknown } from './answer.ts';
import { controls } from './control.ts';
import { type Door, findDoor, type Send } from './door.ts';
import { registryUrl } from './realm.ts';

interface Options {
  readonly http: Http;
  /** The time, by which a control is remembered. */
  readonly now: () => Date;
}

/** How a login that nobody has fares at the same registry. */
type Control = (which: 'who' | 'what') => Promise<Answer>;

/**
 * Asks any host that speaks the Docker Registry v2 protocol about a login, by token or by password
 * (https://distribution.github.io/distribution/spec/auth/token/): first who it is, then what it may
 * do.
 *
 *     GET /v2/ ─▶ 401 Bearer ─▶ GET realm ─▶ GET realm with a scope ─▶ HEAD manifest
 *                 401 Basic  ─▶ GET /v2/  ───────────────────────────▶ HEAD manifest
 *
 * or about a bearer token, by one call for the tags of its repository. An answer counts only where
 * a login that nobody has gets a worse one: Harbor gives anybody a token if a scope is asked for,
 * others may give one to everybody.
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
  const stranger = await control('who');
  if (stranger.is === 'unknown') return stranger.verdict;
  // everybody is let in, or nobody can be told: only the rights count
  if (stranger.is !== 'no') return byRights({ is: 'silent' }, question, door, control);
  if (who.is === 'partly') return { outcome: 'lacks-rights', missing: who.missing };
  const what = (await door.what?.(question)) ?? who;
  if (what.is === 'unknown') return what.verdict;
  if (what.is === 'partly') return { outcome: 'lacks-rights', missing: what.missing };
  // DigitalOcean says 401 and 403 of rights as well; the login itself was accepted
  return what.is === 'yes'
    ? { outcome: 'accepted' }
    : { outcome: 'lacks-rights', missing: question.access?.actions ?? [] };
}

const rank = { no: 0, silent: 0, partly: 1, yes: 2 } as const;

/**
 * The verdict where the login alone was refused, or tells nothing. It is refused if it may do no
 * more than anybody, and alive if it may: there are servers that refuse whoever asks for nothing.
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
  const stranger = await control('what');
  if (stranger.is === 'unknown') return stranger.verdict;
  if (rank[what.is] <= rank[stranger.is]) return refused;
  return what.is === 'partly'
    ? { outcome: 'lacks-rights', missing: what.missing }
    : { outcome: 'accepted' };
}
