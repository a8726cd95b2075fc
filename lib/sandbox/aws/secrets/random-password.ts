import * as z from 'zod';
import { type Account, pick, randomText } from '../account.ts';
import { invalidParameter } from '../aws-error.ts';
import { operation } from '../operation.ts';

const flag = z.boolean().optional();

const input = z.object({
  PasswordLength: z.int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().max(4096).default(''),
  ExcludeNumbers: flag,
  ExcludePunctuation: flag,
  ExcludeUppercase: flag,
  ExcludeLowercase: flag,
  IncludeSpace: flag,
  RequireEachIncludedType: z.boolean().default(true),
});

/**
 * GetRandomPassword: 32 characters by default, at least one of each included type. Throws
 * InvalidParameterException if no characters are left, or the length has no room for each type.
 */
export const getRandomPassword = (account: Account) =>
  operation(input, (wanted) => {
    const types = [
      wanted.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
      wanted.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      wanted.ExcludeNumbers ? '' : '0123456789',
      wanted.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
      wanted.IncludeSpace ? ' ' : '',
    ]
      .map((type) =>
        [...type].filter((character) => !wanted.ExcludeCharacters.includes(character)).join(''),
      )
      .filter((type) => type !== '');
    if (types.length === 0) throw invalidParameter('No characters are left to make a password of.');
    if (!wanted.RequireEachIncludedType)
      return { RandomPassword: randomText(account, types.join(''), wanted.PasswordLength) };
    if (wanted.PasswordLength < types.length) {
      throw invalidParameter('The password is too short to include a character of each type.');
    }
    const required = types.map((type) => pick(account, type));
    const rest = randomText(account, types.join(''), wanted.PasswordLength - required.length);
    return { RandomPassword: shuffled(account, [...required, ...rest]).join('') };
  });

function shuffled<Item>({ random }: Account, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
