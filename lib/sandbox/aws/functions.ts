/** A function as Lambda would run it; a rejection is a failed invocation. */
export type AwsFunction = (event: unknown) => Promise<unknown>;

/** What Secrets Manager sends a rotation function. */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken: string;
}

/** Functions of this process that the services can invoke, by ARN. */
export interface Functions {
  /**
   * `Event` is what the caller knows the function to be invoked with: `RotationEvent`, `Envelope` …
   */
  register<Event = unknown>(arn: string, run: (event: Event) => Promise<unknown>): void;
  has(arn: string): boolean;
  invoke(arn: string, event: unknown): Promise<unknown>;
}

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
