/** A function as Lambda would run it. A rejection is a failed invocation. */
export type AwsFunction = (event: unknown) => Promise<unknown>;

/** The event that Secrets Manager sends to a rotation function. */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken: string;
}

/** Functions of this process that the services can invoke by ARN. */
export interface Functions {
  /** `Event` is the event that the function receives: `RotationEvent`, `Envelope` … */
  register<Event = unknown>(arn: string, run: (event: Event) => Promise<unknown>): void;
  has(arn: string): boolean;
  invoke(arn: string, event: unknown): Promise<unknown>;
}

/** Creates an empty registry of functions. `invoke` rejects for an ARN without a function. */
export function createFunctions(): Functions {
  const known = new Map<string, AwsFunction>();
  return {
    register: <Event>(arn: string, run: (event: Event) => Promise<unknown>) =>
      void known.set(arn, (event) => run(event as Event)),
    has: (arn) => known.has(arn),
    async invoke(arn, event) {
      const run = known.get(arn);
      if (!run) throw new Error(`no function is registered for ${arn}`);
      return run(event);
    },
  };
}
