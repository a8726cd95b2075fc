import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, onTestFinished, test } from 'vitest';
import { inApp, type Statement, synthesised } from './support/synthesis.ts';

/** The ids of topics that each alarm may publish on: alarm, action, topic, policy, statement. */
function heardBy(template: Template): readonly (readonly string[])[] {
  const policies = Object.values(template.findResources('AWS::SNS::TopicPolicy'));
  const lets = (topic: string) =>
    policies
      .filter(({ Properties }) => JSON.stringify(Properties.Topics).includes(`"${topic}"`))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[])
      .some(
        ({ Effect, Action, Principal, Condition, Resource }) =>
          Effect === 'Allow' &&
          Action === 'sns:Publish' &&
          JSON.stringify(Principal) === '{"Service":"cloudwatch.amazonaws.com"}' &&
          JSON.stringify(Resource) === `{"Ref":"${topic}"}` &&
          JSON.stringify(Condition?.StringEquals) ===
            '{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}' &&
          JSON.stringify(Condition?.ArnLike?.['aws:SourceArn']).includes(':alarm:*'),
      );
  return Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => {
    const actions = [...Properties.AlarmActions, ...Properties.OKActions] as { Ref: string }[];
    return actions.flatMap(({ Ref }) =>
      template.findResources('AWS::SNS::Topic')[Ref] && lets(Ref) ? [Ref] : [],
    );
  });
}

test.each([
  ['without a policy', {}],
  ['that refuses plain HTTP', { enforceSSL: true }],
])('every alarm may publish on a topic %s', (_what, props) => {
  const { template } = synthesised((stack) => ({ alarmTopic: new Topic(stack, 'Topic', props) }));
  const heard = heardBy(template);
  expect(heard.length).toBeGreaterThan(15);
  expect(heard.filter((topics) => topics.length !== 2)).toEqual([]);
});

test('every alarm may publish on the topic that the app creates for an address', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const context = { fleet: 'examples/fleet.yaml', alarmEmail: 'you@example.com' };
  await inApp(folder, context, () => import('../../bin/app.ts'));
  const template = Template.fromJSON(
    JSON.parse(readFileSync(join(folder, 'Rekey.template.json'), 'utf8')),
  );
  template.resourceCountIs('AWS::SNS::Subscription', 1);
  expect(heardBy(template).filter((topics) => topics.length !== 2)).toEqual([]);
});

test('an imported topic is not changed, and a warning says what its policy must allow', () => {
  const arn = 'arn:aws:sns:eu-central-1:222222222222:on-call';
  const { template, stack } = synthesised((scope) => ({
    alarmTopic: Topic.fromTopicArn(scope, 'Topic', arn),
  }));
  template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('let cloudwatch.amazonaws.com publish on it'),
  );
});
