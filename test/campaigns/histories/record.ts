import { createHash } from 'node:crypto';
import type { Clock } from '../../../lib/core/ports.ts';
import type { Connections } from '../../../lib/http/connections.ts';
import type { EmbeddedAws } from '../../../lib/sandbox/aws/index.ts';

type Agent = Awaited<ReturnType<Connections['kept']>>;

/** A short digest of a text. */
export const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Members of a request to AWS that hold a secret, or say so much that a line shows a digest. */
const long = new Set(['SecretString', 'Detail']);

/**
 * The calls of one life to AWS, the vendors and their registries, in order, with the time of the
 * world's clock. A life that depends on its seed alone makes the same calls each time.
 */
export function createRecord({ now }: Pick<Clock, 'now'>) {
  const lines: string[] = [];
  const short = (key: string, value: unknown) =>
    long.has(key) && typeof value === 'string' ? digest(value) : value;

  /** Keeps the place of the call in the order, and completes its line with the outcome. */
  async function noted<T>(
    what: string,
    call: Promise<T>,
    outcome: (answer: T) => string,
  ): Promise<T> {
    const line = lines.push(`${now().toISOString()} ${what}`) - 1;
    const end = (text: string) => {
      lines[line] += ` -> ${text}`;
    };
    try {
      const answer = await call;
      end(outcome(answer));
      return answer;
    } catch (error) {
      end(error instanceof Error ? error.name : 'an error');
      throw error;
    }
  }

  return {
    lines: lines as readonly string[],
    aws:
      (handle: EmbeddedAws['handle']): EmbeddedAws['handle'] =>
      (request) => {
        const input = JSON.stringify(JSON.parse(request.body), short);
        return noted(
          `${request.headers['x-amz-target']} ${input}`,
          handle(request),
          ({ status, body }) => `${status} ${digest(body)}`,
        );
      },
    http({ kept, alone, close }: Connections): Connections {
      const recorded = async (made: Promise<Agent>) => {
        const agent = await made;
        const request: Agent['request'] = (call) => {
          const body = typeof call.body === 'string' ? ` ${digest(call.body)}` : '';
          return noted(
            `${call.method} ${call.origin}${call.path}${body}`,
            agent.request(call),
            // tokens and their signatures differ: what matters of them shows in the next call
            ({ statusCode }) => String(statusCode),
          );
        };
        return { request, destroy: () => agent.destroy() } as Agent;
      };
      return { kept: () => recorded(kept()), alone: () => recorded(alone()), close };
    },
  };
}

/** The first call in which two lives differ. Undefined if they made the same calls. */
export function difference(one: readonly string[], other: readonly string[]): string | undefined {
  const at = Array.from(one.length > other.length ? one : other).findIndex(
    (_, index) => one[index] !== other[index],
  );
  if (at < 0) return undefined;
  const shown = (lines: readonly string[]) => lines[at] ?? 'no more calls';
  return `call ${at + 1} was\n  ${shown(one)}\nand then\n  ${shown(other)}`;
}
