import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { Meaning } from '../../http/answer.ts';
import { advice } from '../client/index.ts';
import { lenient } from '../client/schemas.ts';

const word = lenient(z.string().regex(/^[\w.]{1,64}$/));
const Told = z.object({ error_code: word, errorCode: word, message: word });
const one = lenient(Told);
const many = z.array(Told).catch([]);
/**
 * The same code stands in another place in each of Huawei's services; IAM puts it where others have
 * a sentence.
 */
const Body = z.union([Told.extend({ error: one, errors: many.optional() }), many]);

const signature: Meaning = [
  'admin-refused',
  `Huawei Cloud refuses the signature; ${advice.replace('accessKey and secretKey')}, and check ` +
    'that the clock here is right',
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
      'the IAM user has two access keys already; delete the one that rekey did not make, and ' +
        'give rekey a user of its own for each target',
    ],
  ],
]);

/** The meaning of the code in an error's body; `undefined` if it is unknown here. */
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
