import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { Meaning } from '../../http/answer.ts';
import { advice } from '../client/index.ts';
import { lenient } from '../client/schemas.ts';

const word = lenient(z.string().regex(/^[\w.]{1,64}$/));
const Stated = z.object({ error_code: word, errorCode: word, message: word });
const one = lenient(Stated);
const many = z.array(Stated).catch([]);
/**
 * Each of Huawei's services puts the code into another field; IAM puts it where others have a
 * sentence.
 */
const Body = z.union([Stated.extend({ error: one, errors: many.optional() }), many]);

const signature: Meaning = [
  'admin-refused',
  `Huawei Cloud refuses the signature; ${advice.replace('accessKey and secretKey')}, and check ` +
    'that this machine’s clock is right',
];

const words: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  // also the codes for a signature older than 15 minutes; older gateways use APIG, and 0303 for
  // their own apps
  ...['APIGW.0301', 'APIG.0301', 'APIGW.0303', 'APIG.0303'].map(
    (code) => [code, signature] as const,
  ),
  [
    'akSkNumExceed',
    [
      'quota',
      'the IAM user has two access keys already; delete the foreign one, and give each target a ' +
        'separate IAM user',
    ],
  ],
]);

/** The meaning of the code in an error's body; `undefined` if the code is unknown. */
export const meaningOf = ({ body }: HttpAnswer): Meaning | undefined =>
  codes(body)
    .map((code) => words.get(code))
    .find((meaning) => meaning !== undefined);

/** The codes in an error's body of any of the four shapes. */
function codes(body: string): readonly string[] {
  const found = Body.safeParse(parseJson(body)).data ?? [];
  const entries = Array.isArray(found) ? found : [found, found.error, ...(found.errors ?? [])];
  return entries
    .flatMap((entry) => [entry?.error_code, entry?.errorCode, entry?.message])
    .filter((code) => code !== undefined);
}
