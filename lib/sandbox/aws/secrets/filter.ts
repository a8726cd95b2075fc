import * as z from 'zod';
import type { SecretState } from '../state.ts';

const keys = [
  'description',
  'name',
  'tag-key',
  'tag-value',
  'primary-region',
  'owning-service',
  'all',
] as const;

const filter = z.object({
  Key: z.enum(keys),
  Values: z
    .array(
      z
        .string()
        .max(512)
        .regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]*$/),
    )
    .min(1)
    .max(10),
});

/** The Filters of ListSecrets and BatchGetSecretValue: up to 10, with 1 to 10 values each. */
export const filters = z.array(filter).max(10);

type Filter = z.infer<typeof filter>;

const attributes: Record<
  (typeof keys)[number],
  (secret: SecretState) => readonly (string | undefined)[]
> = {
  description: ({ description }) => [description],
  name: ({ name }) => [name],
  'tag-key': ({ tags }) => tags.map(({ Key }) => Key),
  'tag-value': ({ tags }) => tags.map(({ Value }) => Value),
  'primary-region': ({ primaryRegion }) => [primaryRegion],
  'owning-service': ({ owningService }) => [owningService],
  all: ({ name, description, tags }) => [
    name,
    description,
    ...tags.flatMap(({ Key, Value }) => [Key, Value]),
  ],
};

/**
 * The secrets that pass every filter. Filters are independent: different tags may satisfy tag-key
 * and tag-value.
 */
export const matching = (
  secrets: readonly SecretState[],
  wanted: readonly Filter[],
): SecretState[] => secrets.filter((secret) => wanted.every((one) => passes(secret, one)));

/** At least one value must match, and no value that begins with an exclamation mark may match. */
function passes(secret: SecretState, { Key, Values }: Filter): boolean {
  const texts = attributes[Key](secret).filter((text) => text !== undefined);
  const matches = (value: string) =>
    texts.some((text) => (Key === 'all' ? sharesWord(text, value) : begins(Key, text, value)));
  const positive = Values.filter((value) => !value.startsWith('!'));
  const negative = Values.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
  return (positive.length === 0 || positive.some(matches)) && !negative.some(matches);
}

function begins(key: string, text: string, value: string): boolean {
  return key === 'description'
    ? text.toLowerCase().startsWith(value.toLowerCase())
    : text.startsWith(value);
}

/** A word ends before a capital or a digit, and at every other character. */
const words = (text: string): string[] =>
  (text.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? []).map((word) => word.toLowerCase());

function sharesWord(text: string, value: string): boolean {
  const known = words(text);
  return words(value).some((word) => known.some((other) => other.startsWith(word)));
}
