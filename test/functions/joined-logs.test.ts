import { afterEach, describe, expect, test } from 'vitest';
import { paramsOf } from '../support/providers.ts';
import { aTarget } from '../support/snapshot.ts';
import { openSetup, type Setup } from './setup.ts';

let setup: Setup;
afterEach(() => setup.close());

const params = paramsOf(aTarget().provider);
const target = aTarget({ params, liveAtOnce: 20, verify: { within: 0, every: 0 } });

describe('every line of the log', () => {
  test('every log line has the request id and the correlation id of the events', async () => {
    setup = await openSetup({ id: 'acme', targets: [target] });
    await setup.round();
    setup.printed.length = 0;
    await setup.request({
      id: 'c0ffee00-0000-4000-8000-000000000000',
      'detail-type': 'Credential Compromised',
      source: 'ops',
      detail: { target: 'app', correlationId: 'ticket-7' },
    });
    // the next sweep acts on the request, with the sender’s correlation id
    await setup.deliver([{ target: 'app', correlationId: 'sweep-9' }, 'nonsense']);
    const lines = setup.printed
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level }) => level);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.filter(({ function_request_id: id }) => typeof id !== 'string')).toEqual([]);
    const whose = (action: string) =>
      lines.filter((line) => line.action === action).map(({ correlationId }) => correlationId);
    expect([whose('rotate'), whose('revoke'), whose('wait')]).toEqual([
      ['ticket-7'],
      ['ticket-7'],
      ['sweep-9'],
    ]);
    expect(lines.at(-1)).toMatchObject({ level: 'ERROR', messageId: 'm1' });
    expect(lines.at(-1)).not.toHaveProperty('correlationId');
    const told = (await setup.events()).map(
      ({ detail }) => (detail.metadata as { correlationId: string }).correlationId,
    );
    expect(told).toContain('ticket-7');
  });
});
