import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { formatDuration } from '../core/time.ts';
import { version } from '../wiring/version.ts';
import type { RekeyProps } from './props.ts';

const defaults = {
  interval: Duration.minutes(5),
  maxConcurrency: 10,
  dryRun: false,
  removalPolicy: RemovalPolicy.RETAIN,
  logRetention: RetentionDays.ONE_YEAR,
  archiveRetention: Duration.days(90),
  runbookUrl: `https://unpkg.com/cdk-rekey@${version}/docs/runbook.md`,
  replicaRegions: [],
  requesters: [],
  readers: [],
} as const;

/** The props with their defaults in place. */
export type Settings = RekeyProps & Required<Pick<RekeyProps, keyof typeof defaults>>;

/** Fills in the defaults. Throws for an invalid property, before any resource is created. */
export function settingsOf(scope: Construct, props: RekeyProps): Settings {
  const given = Object.fromEntries(
    Object.entries(props).filter(([, value]) => value !== undefined),
  ) as RekeyProps;
  const settings: Settings = { ...defaults, ...given };
  const { interval, maxConcurrency, archiveRetention, replicaRegions, readers, organizationId } =
    settings;
  const seconds = interval.toSeconds();
  if (seconds % 60 !== 0 || seconds < 60 || seconds > 3600) {
    throw refused('interval', `${seconds} seconds`, 'a whole number of minutes from 1 to 60');
  }
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 2 || maxConcurrency > 1000) {
    throw refused(
      'maxConcurrency',
      maxConcurrency,
      'a whole number from 2 to 1000, the limits of SQS',
    );
  }
  if (archiveRetention.toSeconds() % 86_400 !== 0 || archiveRetention.toSeconds() === 0) {
    throw refused(
      'archiveRetention',
      `${archiveRetention.toSeconds()} seconds`,
      'whole days, at least one',
    );
  }
  refuseStacks(settings);
  refuseReplicas(scope, replicaRegions);
  refuseAccounts('readers', readers);
  refuseRequests(settings);
  if (
    organizationId &&
    !Token.isUnresolved(organizationId) &&
    !/^o-[a-z0-9]{10,32}$/.test(organizationId)
  ) {
    throw refused('organizationId', organizationId, 'an id such as o-a1b2c3d4e5');
  }
  if (!settings.vpc && (settings.vpcSubnets || settings.securityGroups)) {
    throw refused('vpc', 'none', 'a VPC, since subnets or security groups are given');
  }
  return settings;
}

function refuseAccounts(name: keyof RekeyProps, accounts: readonly string[]): void {
  const wrong = accounts.find(
    (account) => !Token.isUnresolved(account) && !/^\d{12}$/.test(account),
  );
  if (wrong !== undefined)
    throw refused(name, JSON.stringify(wrong), 'ids of accounts, twelve digits each');
}

function refuseRequests({
  requestSources: { accounts = [], sources } = {},
  requestConcurrency = 1,
}: RekeyProps): void {
  refuseAccounts('requestSources', accounts);
  // an empty list would match every source, or fail the deployment
  if (sources?.length === 0)
    throw refused('requestSources', 'without a source', 'at least one, or none named');
  if (!Number.isInteger(requestConcurrency) || requestConcurrency < 1 || requestConcurrency > 1000)
    throw refused('requestConcurrency', requestConcurrency, 'a whole number from 1 to 1000');
}

function refuseStacks({ secretStacks = 2 }: RekeyProps): void {
  if (!Number.isInteger(secretStacks) || secretStacks < 2 || secretStacks > 200)
    throw refused('secretStacks', secretStacks, 'a whole number from 2 to 200');
}

function refuseReplicas(scope: Construct, replicas: Settings['replicaRegions']): void {
  const own = Stack.of(scope).region;
  const seen = new Set<string>();
  for (const { region } of replicas) {
    if (region === own)
      throw refused('replicaRegions', region, 'regions other than the stack’s own');
    if (seen.has(region)) throw refused('replicaRegions', `${region} twice`, 'each region once');
    seen.add(region);
  }
}

/**
 * Throws if a window is shorter than two intervals. The fleet file is validated for the default
 * interval of five minutes; this checks the configured one.
 */
export function refuseNarrowWindows({ targets }: Fleet, { interval }: Settings): void {
  const least = 2 * interval.toMilliseconds();
  for (const { name, window } of targets) {
    if (!window || window.duration >= least) continue;
    const [open, wanted, every] = [window.duration, least, least / 2].map(formatDuration);
    throw new Error(
      [
        `the window of ${name} stays open for ${open}; expected at least ${wanted}:`,
        `the property interval of Rekey is ${every}, and two sweeps must fall into a window`,
      ].join(' '),
    );
  }
}

const refused = (name: keyof RekeyProps, value: unknown, expected: string): Error =>
  new Error(`the property ${name} of Rekey is ${value}; expected ${expected}`);
