import { AwsError } from './aws-error.ts';
import { isObject } from './events/matchers.ts';
import type { Operation } from './operation.ts';

/** A failure of one call. */
export type Fault =
  /** The service answers with this error. With `carriedOut`, it does the work first. */
  | { readonly error: string; readonly status?: number; readonly carriedOut?: boolean }
  /** The connection breaks: before the work, or after it and before the answer. */
  | { readonly connection: 'lost-before' | 'lost-after' }
  /** PutEvents and the batch operations of SQS: these entries fail, and the others succeed. */
  | { readonly failedEntries: readonly number[]; readonly code?: string };

/** Failures that a test queues for calls to the embedded AWS. */
export interface Faults {
  /**
   * The next `times` calls of an operation (`secretsmanager.PutSecretValue`) fail. Faults are used
   * up in order.
   */
  next(operation: string, fault: Fault, times?: number): void;
  clear(): void;
}

/** The answer never arrives. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly code = 'ECONNRESET';
}

/**
 * Creates an empty queue. `apply` returns `run`, or an operation that fails if a fault waits for
 * `name`.
 */
export function createFaults(): Faults & { apply(name: string, run: Operation): Operation } {
  let queue: { readonly operation: string; readonly fault: Fault; left: number }[] = [];
  return {
    next: (operation, fault, times = 1) => void queue.push({ operation, fault, left: times }),
    clear() {
      queue = [];
    },
    apply(name, run) {
      const entry = queue.find(({ operation, left }) => operation === name && left > 0);
      if (!entry) return run;
      entry.left -= 1;
      return faulty(entry.fault, run);
    },
  };
}

const faulty =
  (fault: Fault, run: Operation): Operation =>
  async (input) => {
    if ('failedEntries' in fault) return partly(fault, run, input);
    if ('connection' in fault) {
      if (fault.connection === 'lost-after') await run(input);
      throw new ConnectionLost('connection lost on purpose');
    }
    if (fault.carriedOut) await run(input);
    throw new AwsError(
      fault.error,
      'a fault injected by a test',
      fault.status ?? (/^Internal|Unavailable/.test(fault.error) ? 500 : 400),
    );
  };

async function partly(
  fault: { failedEntries: readonly number[]; code?: string },
  run: Operation,
  input: unknown,
): Promise<object> {
  const request = isObject(input) ? input : {};
  const entries: unknown[] = Array.isArray(request.Entries) ? request.Entries : [];
  const fails = (index: number) => fault.failedEntries.includes(index);
  const passed = entries.filter((_, index) => !fails(index));
  const answer: Record<string, unknown> =
    passed.length === 0 ? {} : { ...(await run({ ...request, Entries: passed })) };
  const code = fault.code ?? 'InternalFailure';
  if (entries.every((entry) => isObject(entry) && 'Id' in entry)) {
    const failed = entries.filter((_, index) => fails(index));
    return {
      ...answer,
      Failed: failed.map((entry) => ({
        Id: isObject(entry) ? entry.Id : '',
        Code: code,
        SenderFault: false,
      })),
    };
  }
  const results = Array.isArray(answer.Entries) ? [...answer.Entries] : [];
  const merged = entries.map((_, index) =>
    fails(index)
      ? { ErrorCode: code, ErrorMessage: 'a fault injected by a test' }
      : results.shift(),
  );
  return {
    FailedEntryCount: merged.filter((result) => isObject(result) && 'ErrorCode' in result).length,
    Entries: merged,
  };
}
