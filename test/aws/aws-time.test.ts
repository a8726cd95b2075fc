import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { awsTime } from '../../lib/aws/aws-time.ts';
import { DAY, MINUTE, plus } from '../../lib/core/time.ts';
import { embeddedAws, fakeClock } from '../support/embedded-aws.ts';

const setUp = (ahead: number) => {
  const { aws, clock, secretsManager, createSecret } = embeddedAws();
  const local = fakeClock(plus(clock.now(), ahead));
  return { aws, clock, local, secretsManager, createSecret, time: awsTime(secretsManager, local) };
};

test('awsTime returns the local time and no skew before the first answer', () => {
  const { local, time } = setUp(DAY);
  expect(time.skew()).toBeUndefined();
  expect(time.clock.now()).toEqual(local.now());
});

test.each([
  ['a day ahead', DAY],
  ['an hour behind', -60 * MINUTE],
  ['right', 0],
])(
  'awsTime measures and corrects a local clock that is %s by the Date of an answer',
  async (_what, ahead) => {
    const { clock, createSecret, time } = setUp(ahead);
    await createSecret('rekey/acme/app');
    expect(time.skew()).toBe(ahead);
    expect(time.clock.now()).toEqual(clock.now());
  },
);

test('awsTime reads the Date of an error answer too', async () => {
  const { secretsManager, time } = setUp(DAY);
  await expect(
    secretsManager.send(new DescribeSecretCommand({ SecretId: 'rekey/acme/missing' })),
  ).rejects.toThrow();
  expect(time.skew()).toBe(DAY);
});
