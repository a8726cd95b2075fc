import { type EventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { DetailType } from '../core/events/index.ts';

/** A consumer of events. */
export interface Subscription {
  /** The consumer: a function, a queue, a state machine, … of `aws-cdk-lib/aws-events-targets`. */
  readonly target: IRuleTarget;
  /** Describes the rule in the console. @default none */
  readonly description?: string;
}

/** The events after which AWSCURRENT holds another credential. */
export const changesCurrent: readonly DetailType[] = ['Credential Rotated', 'Rolled Back'];

/**
 * A rule on the bus for changes of AWSCURRENT: of one target, or of every one. Several rules for
 * one target get the ids `OnRotated-<name>`, `OnRotated-<name>-2`, and so on.
 */
export function onRotated(
  scope: Construct,
  bus: EventBus,
  name: string | undefined,
  { target, description }: Subscription,
): Rule {
  const id = name === undefined ? 'OnAnyRotated' : `OnRotated-${name}`;
  return new Rule(scope, free(scope, id), {
    eventBus: bus,
    eventPattern: {
      source: ['rekey'],
      detailType: [...changesCurrent],
      ...(name !== undefined && { detail: { metadata: { target: [name] } } }),
    },
    targets: [target],
    ...(description !== undefined && { description }),
  });
}

/** The id, with a number if it is taken. */
function free(scope: Construct, id: string): string {
  let number = 1;
  const numbered = () => (number === 1 ? id : `${id}-${number}`);
  while (scope.node.tryFindChild(numbered())) number += 1;
  return numbered();
}
