import { describe, expect, test } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { formatIssue } from '../../../lib/core/fleet/issues.ts';
import { rules, unsafe } from '../../../lib/core/fleet/unsafe.ts';
import type { Provider } from '../../../lib/core/provider.ts';
import { aProvider } from '../../support/provider-stub.ts';
import { aTarget, DAY, HOUR, MINUTE } from '../../support/snapshot.ts';

interface Case {
  readonly target?: Partial<Target>;
  readonly provider?: Partial<Provider>;
}
interface Row {
  /** The refused value. */
  readonly wrong: Case;
  /** The setting of the issue, and its text. */
  readonly at: string;
  readonly says: string;
  /** The nearest value that is accepted. */
  readonly right: Case;
}

const stub = aProvider('acme');
const able = (change: Partial<Provider['capabilities']>): Partial<Provider> => ({
  capabilities: { ...stub.capabilities, ...change },
});
const lives = (ms: number): Partial<Provider> => ({ lifetime: () => ms });
const verified = (change: Partial<Target['verify']>): Case => ({
  target: { verify: { ...aTarget().verify, ...change } },
});
const short = { grace: MINUTE, soak: MINUTE };
const pulls = { actions: () => ['pull'] };
const access = (...actions: string[]) => ({ repository: 'acme/app', actions });
const open = (duration: number, cron = '0 2 * * *'): Case => ({
  target: { window: { cron, timezone: 'UTC', duration } },
});

const rows: Readonly<Record<string, Row>> = {
  tooOften: {
    wrong: { target: { interval: 15 * MINUTE - 1, ...short } },
    at: 'interval',
    says: 'at least 15m',
    right: { target: { interval: 15 * MINUTE, ...short } },
  },
  tooRare: {
    wrong: { target: { interval: 3651 * DAY } },
    at: 'interval',
    says: 'at most 3650d',
    right: { target: { interval: 3650 * DAY } },
  },
  notWholeHours: {
    wrong: { target: { driver: 'secrets-manager', interval: 90 * HOUR + MINUTE } },
    at: 'interval',
    says: 'whole hours from 4h to 999d',
    right: { target: { driver: 'secrets-manager', interval: 90 * HOUR } },
  },
  graceTooLong: {
    wrong: { target: { grace: 30 * DAY } },
    at: 'grace',
    says: 'less than the interval (30d)',
    right: { target: { grace: 30 * DAY - 1 } },
  },
  compromisedGraceTooLong: {
    wrong: { target: { compromisedGrace: DAY + 1 } },
    at: 'compromisedGrace',
    says: 'at most the grace (1d)',
    right: { target: { compromisedGrace: DAY } },
  },
  bearerForDocker: {
    wrong: { target: { format: 'dockerconfigjson' }, provider: able({ bearer: true }) },
    at: 'format',
    says: 'fields: acme issues bearer tokens',
    right: { provider: able({ bearer: true }) },
  },
  verifiesTooLong: {
    wrong: verified({ within: 5 * MINUTE + 1 }),
    at: 'verify.within',
    says: 'at most 5m',
    right: verified({ within: 5 * MINUTE }),
  },
  checkedTooOften: {
    wrong: verified({ every: 5 * MINUTE - 1 }),
    at: 'verify.every',
    says: 'at least 5m, or 0s for never',
    right: verified({ every: 0 }),
  },
  actionNeverGranted: {
    wrong: { ...verified({ access: access('pull', 'push') }), provider: pulls },
    at: 'verify.actions',
    says: 'expected pull: credentials of acme with these params are never granted push',
    right: { ...verified({ access: access('pull') }), provider: pulls },
  },
  manifestWithoutRepository: {
    wrong: verified({ manifest: 'latest' }),
    at: 'verify.repository',
    says: 'expected a repository',
    right: verified({ manifest: 'latest', access: access('pull') }),
  },
  windowTooShort: {
    wrong: open(10 * MINUTE - 1),
    at: 'window.duration',
    says: 'at least 10m',
    right: open(10 * MINUTE),
  },
  windowTooRare: {
    wrong: open(HOUR, '0 2 1 */2 *'),
    at: 'window.cron',
    says: 'the window stays closed for up to 61d 23h; expected at most 30d, the interval',
    right: open(DAY, '0 0 1 * *'),
  },
  expiresInItsGrace: {
    wrong: { provider: lives(31 * DAY - 1) },
    at: 'interval',
    says: 'interval and grace together take 31d; expected at most',
    right: { provider: lives(31 * DAY) },
  },
  tooManySuperseded: {
    wrong: { target: { soak: 54 * DAY } },
    at: 'soak',
    says: 'grace (1d) and soak (54d) together span 3 intervals; expected at most 2',
    right: { target: { soak: 53 * DAY } },
  },
  tooManyExpiring: {
    wrong: { target: { revocable: false }, provider: lives(109 * DAY) },
    at: 'interval',
    says: '5 credentials are alive at once; expected at most 4',
    right: { target: { revocable: false }, provider: lives(108 * DAY) },
  },
  moreThanAllowed: {
    wrong: { target: { soak: 27 * DAY }, provider: able({ liveAtOnce: 2 }) },
    at: 'grace',
    says: 'grace and soak keep 3 credentials alive at once; expected at most 2',
    right: { target: { soak: 26 * DAY }, provider: able({ liveAtOnce: 2 }) },
  },
  aliveForever: {
    wrong: { provider: { ...able({ expiry: false }), find: undefined } },
    at: 'provider',
    says: 'a crash could leave one alive forever',
    right: { provider: { ...able({ expiry: true }), find: undefined } },
  },
};

const judged = ({ target, provider }: Case) =>
  unsafe(aTarget(target), { ...stub, ...provider }).map(
    ({ path, found, expected }) =>
      `${path.join('.')}: ${formatIssue({ path, found, expected, value: 0 })}`,
  );

describe('the rules of a target', () => {
  test('each rule of a target has a row in this table', () => {
    expect(rules.map(({ name }) => name)).toEqual(Object.keys(rows));
  });

  test.each(Object.entries(rows))(
    'the rule %s alone refuses a value just beyond its limit',
    (_, row) => {
      const [first, ...more] = judged(row.wrong);
      expect(first).toMatch(new RegExp(`^${row.at}: `));
      expect(first).toContain(row.says);
      expect(more).toEqual([]);
    },
  );

  test.each(Object.entries(rows))('the rule %s accepts a value just within its limit', (_, row) => {
    expect(judged(row.right)).toEqual([]);
  });
});
