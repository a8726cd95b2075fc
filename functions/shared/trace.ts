import type { Tracer } from '@aws-lambda-powertools/tracer';
import { RekeyError } from '../../lib/core/errors.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';

let tracer: Tracer | undefined;

/** The X-Ray trace header of this invocation. */
export const traceHeader = (): string | undefined => process.env._X_AMZN_TRACE_ID;

/**
 * Adds a subsegment for each transition of a sampled invocation, annotated with target, reason and
 * correlation id. The tracer takes longer to load than the rest together, so an invocation that is
 * not sampled skips it.
 */
export const traced: NonNullable<Engine['traced']> = async (
  { target, decision, correlationId },
  work,
) => {
  if (!traceHeader()?.includes('Sampled=1')) return work();
  if (!tracer) {
    const loaded = await import('@aws-lambda-powertools/tracer');
    // URLs of vendors stay out of traces
    tracer = new loaded.Tracer({ serviceName: 'rekey', captureHTTPsRequests: false });
  }
  return tracer.provider.captureAsyncFunc(decision.action, async (segment) => {
    const annotations = {
      target: target.name,
      provider: target.provider,
      reason: decision.reason,
      correlationId,
    };
    for (const [name, value] of Object.entries(annotations)) segment?.addAnnotation(name, value);
    try {
      return await work();
    } catch (error) {
      segment?.addErrorFlag();
      segment?.addAnnotation('errorClass', error instanceof RekeyError ? error.code : 'unexpected');
      throw error;
    } finally {
      segment?.close();
    }
  }) as ReturnType<typeof work>;
};
