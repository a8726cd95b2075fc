import { isObject } from './events/matchers.ts';

/** The record of a request: the operation, and its secret, version and labels. Never a value. */
export interface Call {
  /** `secretsmanager.PutSecretValue`, `events.PutEvents`, `sqs.SendMessage` … */
  readonly operation: string;
  readonly secretId?: string;
  readonly versionId?: string;
  readonly labels?: readonly string[];
  /** Name or ARN of the event bus. */
  readonly bus?: string;
  /** Sources of the events. */
  readonly sources?: readonly string[];
  readonly queueUrl?: string;
  /** The caller: the access key id that signed the request. */
  readonly accessKeyId?: string;
}

/** The requests to the embedded AWS, successful or not. */
export interface Calls {
  /** The latest 10,000, oldest first. */
  all(): readonly Call[];
  /**
   * How often an operation was called since the last reset. Without a name: the calls of all
   * operations.
   */
  count(operation?: string): number;
  reset(): void;
}

const KEPT = 10_000;

/**
 * Creates an empty record. `record` takes the parsed input of a request and keeps no secret value.
 */
export function createCalls(): Calls & {
  record(operation: string, input: unknown, accessKeyId: string | undefined): void;
} {
  let calls: Call[] = [];
  const counts = new Map<string, number>();
  return {
    all: () => [...calls],
    count: (operation) =>
      operation === undefined
        ? [...counts.values()].reduce((sum, one) => sum + one, 0)
        : (counts.get(operation) ?? 0),
    reset() {
      calls = [];
      counts.clear();
    },
    record(operation, input, accessKeyId) {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      calls.push({
        operation,
        ...summary(isObject(input) ? input : {}),
        ...(accessKeyId && { accessKeyId }),
      });
      if (calls.length > 2 * KEPT) calls = calls.slice(-KEPT);
    },
  };
}

function summary(
  input: Readonly<Record<string, unknown>>,
): Omit<Call, 'operation' | 'accessKeyId'> {
  const text = (...names: readonly string[]) =>
    names.map((name) => input[name]).find((one) => typeof one === 'string');
  const secretId = text('SecretId', 'Name');
  const versionId = text(
    'ClientRequestToken',
    'VersionId',
    'MoveToVersionId',
    'RemoveFromVersionId',
  );
  const labels = [input.VersionStages ?? input.VersionStage ?? []]
    .flat()
    .filter((one) => typeof one === 'string');
  const entries: unknown[] = Array.isArray(input.Entries) ? input.Entries : [];
  const [entry] = entries;
  const sources = entries.flatMap((one) =>
    isObject(one) && typeof one.Source === 'string' ? [one.Source] : [],
  );
  const bus =
    isObject(entry) && typeof entry.EventBusName === 'string' ? entry.EventBusName : undefined;
  const queueUrl = text('QueueUrl');
  return {
    ...(secretId && { secretId }),
    ...(versionId && { versionId }),
    ...(labels.length > 0 && { labels }),
    ...(bus && { bus }),
    ...(sources.length > 0 && { sources }),
    ...(queueUrl && { queueUrl }),
  };
}
