import { readFileSync } from 'node:fs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
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

/** Headings of a page as the anchors that they become. */
const anchorsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('there is an alarm for each thing that needs a person', () => {
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
    test('says in one sentence what to do, and where to read on', () => {
      expect(AlarmDescription).toMatch(
        /^[A-Z][^.]{40,200}: https:\/\/\S+\/docs\/runbook\.md#[a-z-]+$/,
      );
    });

    test('has its part of the runbook', () => {
      const [, anchor] = AlarmDescription.split('#');
      expect(anchorsOf('docs/runbook.md')).toContain(anchor);
      expect(`rekey-demo-${anchor}`).toBe(AlarmName);
    });

    test('tells the topic when it begins and when it is over', () => {
      for (const actions of [AlarmActions, OKActions])
        expect(actions.map(({ Ref }) => Ref)).toEqual([expect.stringMatching(topicId)]);
    });

    test('watches something that is measured', () => {
      if (Namespace === 'AWS/SQS') return;
      expect(Namespace).toBe('rekey');
      expect(readFileSync('functions/shared/metrics.ts', 'utf8')).toContain(`'${MetricName}'`);
    });
  },
);

test('no sweep at all is an alarm; for what sweeps measure, none is no all-clear', () => {
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

test('a credential may become a quarter older than its interval', () => {
  expect(named('credential-too-old')).toMatchObject({
    MetricName: 'CredentialAgeRatio',
    Statistic: 'Maximum',
    Threshold: 1.25,
    ComparisonOperator: 'GreaterThanThreshold',
  });
});

test('without a topic the alarms are there, and tell nobody', () => {
  const silent = propertiesOf(usual().template, 'AWS::CloudWatch::Alarm');
  expect(silent).toHaveLength(alarms.length);
  expect(silent.every(({ AlarmActions }) => AlarmActions === undefined)).toBe(true);
});

test('the runbook may be elsewhere', () => {
  const { template: other } = synthesised({ runbookUrl: 'https://wiki.example.com/rekey' });
  const [alarm] = propertiesOf(other, 'AWS::CloudWatch::Alarm');
  expect(alarm?.AlarmDescription).toMatch(/https:\/\/wiki\.example\.com\/rekey#[a-z-]+$/);
});

test('the dashboard shows only what is measured, and names no provider: a new one needs no new dashboard', () => {
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
