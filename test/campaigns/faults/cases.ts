import { type Case, callsOf, moments } from './case.ts';
import { awsKinds, type HttpKind, httpKinds, type Strangers } from './kinds.ts';

/** Names of the faults that may last for two days, from one call on. */
const lasting = new Set([
  '401',
  '403',
  '404',
  '429 with Retry-After',
  '500',
  '500 after the work',
  '403 as a page',
  '200 as a page',
  'a connection reset after the work',
  'half a JSON',
  'an unknown host name',
]);

/** Every fault at every call of every transition of a provider. */
export async function casesOf(provider: string, strangers: Strangers): Promise<Case[]> {
  const kinds = httpKinds(strangers);
  const cases: Case[] = [];
  for (const transition of moments) {
    const { http, aws } = await callsOf(provider, transition);
    const at = (calls: number) => Array.from({ length: calls }, (_, index) => index + 1);
    const lasts = ({ name }: HttpKind) => lasting.has(name);
    for (const call of at(http)) {
      for (const kind of kinds)
        cases.push({ provider, transition, plan: { side: 'http', call, kind } });
      for (const kind of kinds.filter(lasts))
        cases.push({ provider, transition, plan: { side: 'http', call, kind, lasting: true } });
    }
    for (const call of at(aws)) {
      for (const kind of awsKinds.filter(({ of }) => !of))
        cases.push({ provider, transition, plan: { side: 'aws', call, kind } });
    }
    for (const kind of awsKinds.filter(({ of }) => of)) {
      for (const call of at(aws))
        cases.push({ provider, transition, plan: { side: 'aws', call, kind } });
    }
  }
  return cases;
}
