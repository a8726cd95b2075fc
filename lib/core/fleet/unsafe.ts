import type { Provider } from '../provider.ts';
import { formatDuration, HOUR, MINUTE } from '../time.ts';
import type { Target } from './target.ts';
import { longestClosed } from './window.ts';

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/**
 * Secrets Manager keeps about 100 versions and drops none younger than a day: one version in 15
 * minutes fits.
 */
export const MIN_INTERVAL = 15 * MINUTE;

/** Two sweeps at their default distance; the construct refuses more where it sweeps less often. */
const MIN_WINDOW = 10 * MINUTE;

/**
 * Superseded credentials of one target at the same time; more would not fit into 20 staging labels.
 * What can only expire bears fewer of them.
 */
const maxSuperseded = ({ revocable }: Target): number => (revocable ? 2 : 3);

/**
 * Combinations that would lose or kill a credential, whatever the engine did. They follow from the
 * capabilities.
 */
export function unsafe(target: Target, provider: Provider): Problem[] {
  const { name, capabilities } = provider;
  const problems: Problem[] = [];
  const refuse = (key: string, expected: string) =>
    problems.push({ path: key.split('.'), expected });
  const { interval, grace, soak, compromisedGrace, verify, window } = target;
  if (interval < MIN_INTERVAL)
    refuse(
      'interval',
      'at least 15m: Secrets Manager keeps about 100 versions and none younger than a day is dropped',
    );
  if (interval > 3650 * 24 * HOUR) refuse('interval', 'at most 3650d');
  if (
    target.driver === 'secrets-manager' &&
    (interval < 4 * HOUR || interval % HOUR !== 0 || interval > 999 * 24 * HOUR)
  ) {
    refuse(
      'interval',
      'whole hours from 4h to 999d: Secrets Manager’s own rotation knows no others',
    );
  }
  if (grace >= interval) refuse('grace', `shorter than the interval (${formatDuration(interval)})`);
  if (compromisedGrace > grace)
    refuse('compromisedGrace', `at most the grace (${formatDuration(grace)})`);
  if (capabilities.bearer && target.format === 'dockerconfigjson') {
    refuse('format', `fields: what ${name} issues is a bearer token, which no docker login takes`);
  }
  if (verify.within > 5 * MINUTE) refuse('verify.within', 'at most 5m');
  if (verify.every !== 0 && verify.every < 5 * MINUTE)
    refuse('verify.every', 'at least 5m, or 0s for never');
  const able = provider.actions?.(target.params);
  const never = able && verify.access?.actions.filter((action) => !able.includes(action));
  if (able && never && never.length > 0)
    refuse(
      'verify.actions',
      `${able.join(', ')}: credentials of ${name} with these params are never granted ${never.join(', ')}`,
    );
  if (verify.manifest && !verify.access)
    refuse('verify.repository', 'a repository, since a manifest is named');
  if (window && window.duration < MIN_WINDOW) {
    refuse(
      'window.duration',
      'at least 10m: the fleet is looked at every 5 minutes by default, and two looks must fall into it',
    );
  } else if (window && longestClosed(window) > interval) {
    const closed = formatDuration(longestClosed(window));
    refuse(
      'window.cron',
      `times no further apart: the window would stay closed for up to ${closed}, the interval is ${formatDuration(interval)}`,
    );
  }
  const lifetime = provider.lifetime?.(target.params);
  if (lifetime !== undefined && interval + grace > lifetime) {
    refuse(
      'interval',
      `less: a credential of ${name} lives ${formatDuration(lifetime)}, interval and grace together take longer`,
    );
  }
  const most = maxSuperseded(target);
  const shortest = interval * 0.9;
  // what can only expire outlives its grace
  const outlives = target.revocable
    ? grace + soak
    : Math.max(grace, (lifetime ?? grace) - shortest);
  const atOnce = Math.ceil(outlives / shortest);
  if (atOnce > most && target.revocable) {
    refuse(
      'soak',
      `less: grace and soak together may span ${most} intervals, here they span ${atOnce}`,
    );
  } else if (atOnce > most) {
    refuse(
      'interval',
      `more: a credential of ${name} can only expire, and ${atOnce + 1} would be alive at once, ${most + 1} may be`,
    );
  }
  if (atOnce + 1 > capabilities.liveAtOnce) {
    refuse(
      'grace',
      `less: ${name} allows ${capabilities.liveAtOnce} live credentials, grace and soak would keep ${atOnce + 1}`,
    );
  }
  if (!provider.find && !capabilities.expiry && lifetime === undefined) {
    refuse(
      'provider',
      'a provider that can list its credentials or let them expire: a crash would leave one alive for ever',
    );
  }
  return problems;
}
