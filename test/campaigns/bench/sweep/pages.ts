import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { benchFleet, snapshotOf } from './fleet.ts';

/** Secrets in one answer to ListSecrets. */
const PAGE = 100;

/**
 * Serves ListSecrets for the fleet of the bench, and SendMessageBatch, on loopback. The pages are
 * made when they are asked for: the embedded AWS would take longer to create 100,000 secrets than
 * the sweep to read them.
 */
export async function servePages(count: number) {
  const { targets } = benchFleet(count);
  const calls = new Map<string, number>();
  let bytes = 0;
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const input = JSON.parse(await text(request));
    const answer = JSON.stringify(operation === 'ListSecrets' ? page(input) : sent(input));
    bytes += answer.length;
    response.setHeader('content-type', 'application/x-amz-json-1.1').end(answer);
  });
  const page = ({ NextToken = '0' }: { readonly NextToken?: string }) => {
    const start = Number(NextToken);
    const next = start + PAGE;
    return {
      SecretList: targets.slice(start, next).map((target, index) => {
        const { arn, name, versions } = snapshotOf(target, start + index);
        return {
          ARN: arn,
          Name: name,
          Description: `Rotated by rekey (${target.provider})`,
          Tags: [{ Key: 'rekey:fleet', Value: 'bench' }],
          CreatedDate: 1_700_000_000.123,
          LastChangedDate: 1_768_000_000.123,
          LastAccessedDate: 1_768_000_000,
          SecretVersionsToStages: versions,
        };
      }),
      ...(next < count && { NextToken: String(next) }),
    };
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    bytes: () => bytes,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

interface Batch {
  readonly Entries?: readonly { readonly Id: string; readonly MessageBody: string }[];
}

/** The SDK checks the digest of each message. */
const sent = ({ Entries = [] }: Batch) => ({
  Successful: Entries.map(({ Id, MessageBody }) => ({
    Id,
    MessageId: Id,
    MD5OfMessageBody: hash('md5', MessageBody),
  })),
});
