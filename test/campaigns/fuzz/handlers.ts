import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { message } from '../../../functions/shared/message.ts';
import { RekeyError } from '../../../lib/core/errors.ts';
import { anyText, type Subject, subject } from './subject.ts';
import { replaced } from './texts.ts';

/*
 * The functions before they know their fleet: they refuse any input with their own error, and
 * change nothing.
 */

const name = fc.oneof(anyText, fc.constantFrom('app', 'digitalocean'));
const messages = fc.oneof(
  fc.record(
    { target: name, check: fc.constantFrom(true, false, 1), correlationId: name },
    { requiredKeys: [] },
  ),
  fc.record({ removed: name, correlationId: name }, { requiredKeys: [] }),
  fc.record(
    {
      orphans: fc.record({ provider: name, admin: name }, { requiredKeys: [] }),
      correlationId: name,
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

const queued = subject('message of the queue', messages, (input) => {
  const parsed = message.safeParse(input);
  if (!parsed.success) return;
  const { correlationId } = parsed.data;
  if (correlationId.length === 0 || correlationId.length > 128)
    throw new Error('an invalid correlation id');
});

const bodies = fc.array(
  fc.oneof(
    anyText,
    fc.json(),
    messages.map((one) => JSON.stringify(one) ?? ''),
  ),
  { minLength: 1, maxLength: 5 },
);
const batch = subject('batch of the queue', bodies, async (texts) => {
  await quietly(async () => {
    const { handler } = await import('../../../functions/reconcile.ts');
    const Records = texts.map((body, index) => ({
      messageId: `${index}`,
      body,
      attributes: { MessageGroupId: `${index % 2}` },
    }));
    const { batchItemFailures } = await handler(
      { Records },
      { getRemainingTimeInMillis: () => 600_000 },
    );
    // without a fleet no message can be processed, so all of them must be retried
    if (batchItemFailures.length !== texts.length)
      throw new Error('a message was reported as processed');
  });
});

const fixture = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/events/${file}`, import.meta.url), 'utf8'));
const step = fixture('rotation-1-create-secret.json');
const change = fc.record({ at: fc.nat(), value: fc.oneof(fc.jsonValue(), anyText) });
const rotation = subject(
  'event of Secrets Manager’s rotation',
  fc.array(change, { maxLength: 3 }),
  async (changes) => {
    const event = structuredClone(step);
    for (const { at, value } of changes) replaced(event, at, value);
    await refuses(async () =>
      (await import('../../../functions/native-rotation.ts')).handler(event, {
        getRemainingTimeInMillis: () => 600_000,
      }),
    );
  },
);
const anyRequest = subject(
  'request on the bus',
  fc.oneof(fc.anything(), fc.array(change, { maxLength: 3 })),
  async (input) => {
    await refuses(async () =>
      (await import('../../../functions/request.ts')).handler(input, undefined),
    );
  },
);

async function refuses(work: () => Promise<unknown>): Promise<void> {
  await quietly(async () => {
    const error = await work().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof RekeyError) || error.code !== 'bad-fleet')
      throw new Error('it was not refused properly', { cause: error });
  });
}

/** Runs work without the functions' environment and without their log. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { logger } = await import('../../../functions/shared/log.ts');
  const { REKEY_FLEET: fleet } = process.env;
  delete process.env.REKEY_FLEET;
  logger.setLogLevel('SILENT');
  try {
    await work();
  } finally {
    logger.setLogLevel('INFO');
    if (fleet !== undefined) process.env.REKEY_FLEET = fleet;
  }
}

export const handlers: readonly Subject[] = [queued, batch, rotation, anyRequest];
