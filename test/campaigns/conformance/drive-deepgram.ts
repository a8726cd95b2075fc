import { randomUUID } from 'node:crypto';
import { deepgram } from '../../../lib/providers/deepgram.ts';
import { createSimulatedDeepgram } from '../../../lib/sandbox/vendors/deepgram/index.ts';
import { answers, type Direct, fails, holds, play } from './record.ts';

const prefix = 'rekey-fleet-0123456789ab-';
const labelled = () => `${prefix}${randomUUID().replaceAll('-', '')}`;
const scene = { provider: deepgram, vendor: createSimulatedDeepgram, registry: 'quay.io' };

export const driveDeepgram = () =>
  play(scene, async ({ vendor, call, ask }) => {
    const { behaviour, faults, params } = vendor;

    await deepgram.check(call());
    const credential = await deepgram.issue(call(), { label: labelled() });
    const narrow = { scopes: ['self-hosted:product:api', 'self-hosted:product:engine'] };
    await deepgram.issue(call({ params: narrow }), { label: labelled() });
    behaviour.wrapped = true;
    await deepgram.issue(call(), { label: labelled() });
    // the published document shows this answer
    behaviour.secretless = true;
    await fails('bad-answer', deepgram.issue(call(), { label: labelled() }));
    behaviour.wrapped = false;
    await fails('bad-answer', deepgram.issue(call(), { label: labelled() }));
    behaviour.secretless = false;
    for (const label of ['', 'a stranger’s']) vendor.plant(label);
    holds(
      (await deepgram.find(call(), { prefix })).length === 3,
      'three credentials found by their label',
    );
    await deepgram.revoke(call(), credential);
    await deepgram.revoke(call(), credential);
    behaviour.unknownId = 400;
    await deepgram.revoke(call(), credential);

    const authorization = `Token ${(JSON.parse(vendor.admin) as { apiKey: string }).apiKey}`;
    const ours = questions(String(params.projectId), vendor.plant('planted').id, authorization);
    const all = Object.values(ours);
    for (const question of [ours.list, ours.show, ours.create]) await answers(200, ask(question));
    const elsewhere = Object.values(questions(randomUUID(), randomUUID(), authorization));
    const unknown = questions(String(params.projectId), randomUUID(), authorization);
    // Deepgram has three forms of error bodies
    for (const errorBody of ['modern', 'legacy', 'text'] as const) {
      behaviour.errorBody = errorBody;
      for (const question of all)
        await answers(401, ask({ ...question, authorization: 'Token wrong' }));
      for (const question of elsewhere) await answers(404, ask(question));
      behaviour.mayWrite = false;
      for (const question of [ours.create, ours.remove]) await answers(403, ask(question));
      behaviour.mayWrite = true;
      for (const unknownId of [400, 404] as const) {
        behaviour.unknownId = unknownId;
        for (const question of [unknown.show, unknown.remove])
          await answers(unknownId, ask(question));
      }
    }
    const body = JSON.stringify({
      err_code: 'TOO_MANY_REQUESTS',
      err_msg: 'Too many requests.',
      request_id: randomUUID(),
    });
    faults.next(
      /./,
      { status: 429, headers: { 'content-type': 'application/json', 'retry-after': '30' }, body },
      all.length,
    );
    for (const question of all) await answers(429, ask(question));

    behaviour.errorBody = 'modern';
    await fails('admin-refused', deepgram.check(call({ admin: { apiKey: 'wrong' } })));
    await fails(
      'not-found',
      deepgram.find(call({ params: { projectId: randomUUID() } }), { prefix }),
    );
    behaviour.mayWrite = false;
    await fails('forbidden', deepgram.issue(call(), { label: labelled() }));
  });

/** Every call of the document, for one credential of a project. */
function questions(project: string, id: string, authorization: string) {
  const path = `/v1/projects/${project}/self-hosted/distribution/credentials`;
  const body = {
    provider: 'quay',
    comment: labelled(),
    scopes: ['self-hosted:products'],
    tags: ['staging'],
  };
  return {
    list: { method: 'GET', path, authorization },
    show: { method: 'GET', path: `${path}/${id}`, authorization },
    create: { method: 'POST', path, body, authorization },
    remove: { method: 'DELETE', path: `${path}/${id}`, authorization },
  } as const satisfies Readonly<Record<string, Direct>>;
}
