import { formatIssue, formatPath, type Issue, parseFleet } from '../../core/fleet/index.ts';
import type { Provider } from '../../core/provider.ts';
import { DAY, formatDuration } from '../../core/time.ts';

/** A fleet of one target, from which the fleet file is written. */
export interface Draft {
  readonly fleet: string;
  readonly name: string;
  readonly provider: Provider;
  readonly admin: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Interval and grace. If the provider fixes the life of a credential, both fit into it, with a
 * margin for retries.
 */
export function timingOf({
  provider,
  params,
}: Draft): Readonly<{ interval: string; grace: string }> {
  const parsed = provider.params.safeParse(params);
  const life = parsed.success ? provider.lifetime?.(parsed.data) : undefined;
  const [interval, grace] = life === undefined ? [30 * DAY, DAY] : [(life * 3) / 4, life / 6];
  return { interval: duration(interval), grace: duration(grace) };
}

/** A duration as the fleet file writes it. */
const duration = (ms: number): string => formatDuration(ms).replaceAll(' ', '');

/** The problems that the fleet file would have. */
export function problemsOf(draft: Draft): readonly Issue[] {
  const { fleet, name, provider, admin, params } = draft;
  const target = { name, provider: provider.name, admin, params, ...timingOf(draft) };
  return parseFleet({ fleet, targets: [target] }, { [provider.name]: provider }).issues;
}

const flags: Readonly<Record<string, string>> = {
  fleet: '--fleet-id',
  'targets[0].name': '--target',
  'targets[0].admin': '--admin',
};

/** The flag that sets the value at a path of the fleet file, or the path itself. */
export function flagOf(path: Issue['path']): string {
  const text = formatPath(path);
  return flags[text] ?? text.replace(/^targets\[0\]\.params\./, '--param ');
}

/** A problem, as the fleet file reports it, at the flag that causes it. */
export const sentence = (issue: Issue): string => `${flagOf(issue.path)}: ${formatIssue(issue)}`;
