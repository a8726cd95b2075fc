import { readFileSync } from 'node:fs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { largeFleet } from './support/limits.ts';
import { propertiesOf, synthesised, usual } from './support/synthesis.ts';

const topicId = /^Topic/;
const { template, rekey } = synthesised((stack) => ({ alarmTopic: new Topic(stack, 'Topic') }));
const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm') as readonly {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly { readonly Ref: string }[];
  readonly OKActions: readonly { readonly Ref: string }[];
  readonly Namespace: string;
  readonly MetricName: string;
  readonly TreatMissingData: string;
}[];
const named = (name: string) => alarms.find(({ AlarmName }) => AlarmName === `rekey-demo-${name}`);

/** The headings of a page as anchors. */
const anchorsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('there is an alarm for each condition that needs a person', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName.replace('rekey-demo-', '')).sort()).toEqual([
    'admin-credential-refused',
    'compromise-open',
    'compromise-unconfirmed',
    'credential-too-old',
    'message-refused',
    'orphan-alive',
    'orphan-found',
    'registry-doubted',
    'request-refused',
    'requests-unusual',
    'revocation-abandoned',
    'revocation-overdue',
    'rotation-failing',
    'secret-missing',
    'sweep-not-running',
    'target-blocked',
    'target-removed',
    'work-in-dead-letters',
  ]);
  expect(rekey.alarms).toHaveLength(alarms.length);
});

describe.each(alarms)(
  '$AlarmName',
  ({ AlarmName, AlarmDescription, AlarmActions, OKActions, Namespace, MetricName }) => {
    test(`${AlarmName} gives advice in one sentence, and links to the runbook`, () => {
      expect(AlarmDescription).toMatch(
        /^[A-Z][^.]{40,200}: https:\/\/\S+\/docs\/runbook\.md#[a-z-]+$/,
      );
    });

    test(`${AlarmName} has its part in the runbook`, () => {
      const [, anchor] = AlarmDescription.split('#');
      expect(anchorsOf('docs/runbook.md')).toContain(anchor);
      expect(`rekey-demo-${anchor}`).toBe(AlarmName);
    });

    test(`${AlarmName} notifies the topic when it starts and when it ends`, () => {
      for (const actions of [AlarmActions, OKActions])
        expect(actions.map(({ Ref }) => Ref)).toEqual([expect.stringMatching(topicId)]);
    });

    test(`${AlarmName} watches a metric that the functions emit`, () => {
      if (Namespace === 'AWS/SQS') return;
      expect(Namespace).toBe('rekey');
      expect(readFileSync('functions/shared/metrics.ts', 'utf8')).toContain(`'${MetricName}'`);
    });
  },
);

test('a missing sweep is an alarm, and missing sweep metrics do not clear one', () => {
  expect(named('sweep-not-running')).toMatchObject({
    TreatMissingData: 'breaching',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    EvaluationPeriods: 3,
    Period: 300,
  });
  for (const name of [
    'rotation-failing',
    'revocation-overdue',
    'credential-too-old',
    'secret-missing',
    'target-blocked',
    'compromise-open',
    'registry-doubted',
  ]) {
    expect(named(name)).toMatchObject({ TreatMissingData: 'ignore' });
  }
});

test('the alarm for old credentials starts at 125% of the interval', () => {
  expect(named('credential-too-old')).toMatchObject({
    MetricName: 'CredentialAgeRatio',
    Statistic: 'Maximum',
    Threshold: 1.25,
    ComparisonOperator: 'GreaterThanThreshold',
  });
});

test('the alarm for unusual requests changes only when the fleet doubles', () => {
  const thresholds = [3, 80, 159, 160].map((count) => {
    const { template: large } = synthesised({ fleetFile: undefined, fleet: largeFleet(count) });
    const [alarm] = propertiesOf(large, 'AWS::CloudWatch::Alarm').filter(({ AlarmName }) =>
      String(AlarmName).endsWith('requests-unusual'),
    );
    return alarm?.Threshold;
  });
  expect(thresholds).toEqual([10, 16, 16, 32]);
});

test('alarms without a topic have no actions', () => {
  const silent = propertiesOf(usual().template, 'AWS::CloudWatch::Alarm');
  expect(silent).toHaveLength(alarms.length);
  expect(silent.every(({ AlarmActions }) => AlarmActions === undefined)).toBe(true);
});

test('alarms link to the configured runbook', () => {
  const { template: other } = synthesised({ runbookUrl: 'https://wiki.example.com/rekey' });
  const [alarm] = propertiesOf(other, 'AWS::CloudWatch::Alarm');
  expect(alarm?.AlarmDescription).toMatch(/https:\/\/wiki\.example\.com\/rekey#[a-z-]+$/);
});

test('the dashboard shows only emitted metrics, and names no provider', () => {
  const body = JSON.stringify(
    propertiesOf(template, 'AWS::CloudWatch::Dashboard')[0]?.DashboardBody,
  );
  const shown = [
    ...body.matchAll(/\\"rekey\\",\\"(\w+)\\"/g),
    ...body.matchAll(/MetricName=\W+(\w+)/g),
  ].map(([, name = '']) => name);
  expect(new Set(shown).size).toBeGreaterThan(12);
  const measured = readFileSync('functions/shared/metrics.ts', 'utf8');
  expect(shown.filter((name) => !measured.includes(`'${name}'`))).toEqual([]);
  expect(rekey.fleet.targets.filter(({ provider }) => body.includes(provider))).toEqual([]);
});
