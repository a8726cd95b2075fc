import { randomUUID } from 'node:crypto';
import type { RegistryQuestion } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import type { Answer } from './answer.ts';
import type { Door } from './door.ts';

/** The largest number of cached registries. */
const REMEMBERED = 1000;

/**
 * Asks a registry about a login that does not exist, as a control for its positive answers. A
 * refusal is cached for a day. Any other answer is not cached, because it invalidates a proof.
 * Rights are not cached either, because a repository can become public.
 */
export function controls(now: () => Date) {
  const refusing = new Map<string, Date>();

  return async (question: RegistryQuestion, door: Door, which: 'who' | 'what'): Promise<Answer> => {
    const key = `${question.registry} ${question.bearer?.repository ?? ''}`;
    const until = refusing.get(key);
    if (which === 'who' && until && until > now()) return { is: 'no' };
    const answer = (await door[which]?.(madeUpLogin(question))) ?? { is: 'silent' };
    if (which === 'who' && answer.is === 'no') {
      if (refusing.size >= REMEMBERED) refusing.clear();
      refusing.set(key, new Date(now().getTime() + DAY));
    }
    return answer;
  };
}

/**
 * A login that does not exist. Its name differs from the real one, because a wrong password might
 * lock that account, and resembles it, so that the registry treats both alike.
 */
const madeUpLogin = ({ username }: RegistryQuestion) => ({
  username: `${username}-rekey-control`,
  password: new Secret(`rekey-control-${randomUUID()}`),
});
