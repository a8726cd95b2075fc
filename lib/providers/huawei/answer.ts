import * as z from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import { type Meanings, parsed, succeeded } from '../../http/answer.ts';
import { anyObject } from '../common.ts';

const word = z
  .string()
  .regex(/^[\w.]{1,64}$/)
  .optional()
  .catch(undefined);
const Told = z.object({ error_code: word, errorCode: word, message: word });
const one = Told.optional().catch(undefined);
const many = z.array(Told).catch([]);
/**
 * The same code stands in another place in each of Huawei's services; IAM puts it where others have
 * a sentence.
 */
const Body = z.union([Told.extend({ error: one, errors: many.optional() }), many]);

type Meaning = readonly [ErrorCode, advice: string];

const signature: Meaning = [
  'admin-refused',
  'Huawei Cloud does not take the signature; put a valid accessKey and secretKey into the admin secret, and see that the clock here is right',
];

const words: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  // what a signature of more than 15 minutes ago is called too; older gateways say APIG, 0303 is
  // for their own apps
  ...['APIGW.0301', 'APIG.0301', 'APIGW.0303', 'APIG.0303'].map(
    (code) => [code, signature] as const,
  ),
  [
    'akSkNumExceed',
    [
      'quota',
      'the IAM user has two access keys already; delete the one that rekey did not make, and give rekey a user of its own for each target',
    ],
  ],
]);

/** The parsed body of a success; throws what an error's code stands for, or else its status. */
export function read<T>(
  doing: string,
  answer: HttpAnswer,
  schema: z.ZodType<T>,
  meanings: Meanings,
): T {
  const code = succeeded(answer) ? undefined : codes(answer.body).find((found) => words.has(found));
  const meaning = code === undefined ? undefined : words.get(code);
  return parsed(
    doing,
    answer,
    schema,
    meaning ? { ...meanings, [answer.status]: meaning } : meanings,
  );
}

/** A success that may have no body. */
export function done(doing: string, answer: HttpAnswer, meanings: Meanings): void {
  if (succeeded(answer) && answer.body.trim() === '') return;
  read(doing, answer, anyObject, meanings);
}

/** The codes in an error's body, whichever of the four shapes it has; none if it has another. */
function codes(body: string): readonly string[] {
  const found = Body.safeParse(json(body)).data ?? [];
  const entries = Array.isArray(found) ? found : [found, found.error, ...(found.errors ?? [])];
  return entries
    .flatMap((entry) => [entry?.error_code, entry?.errorCode, entry?.message])
    .filter((code) => code !== undefined);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
