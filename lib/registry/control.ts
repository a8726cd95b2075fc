import { randomUUID } from 'node:crypto';
import type { RegistryQuestion } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import type { Answer } from './answer.ts';
import type { Door } from './door.ts';

/** Registries that are remembered. */
const REMEMBERED = 1000;

/**
 * What a registry answers a login that nobody has: the control of its yes. That it refuses one is
 * remembered for a day. Anything else is asked again each time, since it keeps a proof from
 * counting; so is what anybody may do, since a repository can be made public.
 */
export function controls(now: () => Date) {
  const refusing = new Map<string, Date>();

  return async (question: RegistryQuestion, door: Door, which: 'who' | 'what'): Promise<Answer> => {
    const key = `${question.registry} ${question.bearer?.repository ?? ''}`;
    const until = refusing.get(key);
    if (which === 'who' && until && until > now()) return { is: 'no' };
    const answer = (await door[which]?.(strangerTo(question))) ?? { is: 'silent' };
    if (which === 'who' && answer.is === 'no') {
      if (refusing.size >= REMEMBERED) refusing.clear();
      refusing.set(key, new Date(now().getTime() + DAY));
    }
    return answer;
  };
}

/**
 * Not the name of the login itself: a wrong password for that one might lock it. Alike, so that it
 * takes the same way.
 */
const strangerTo = ({ username }: RegistryQuestion) => ({
  username: `${username}-rekey-control`,
  password: new Secret(`rekey-control-${randomUUID()}`),
});
