import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { adminSecretsOf, type Fleet } from '../core/fleet/index.ts';
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

/** Throws for what cannot be meant, before anything is made of it. */
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
      'a whole number from 2 to 1000, as SQS knows it',
    );
  }
  if (archiveRetention.toSeconds() % 86_400 !== 0 || archiveRetention.toSeconds() === 0) {
    throw refused(
      'archiveRetention',
      `${archiveRetention.toSeconds()} seconds`,
      'whole days, at least one',
    );
  }
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
  // an empty list lets everything through, or fails the deployment
  if (sources?.length === 0)
    throw refused('requestSources', 'without a source', 'at least one, or none named');
  if (!Number.isInteger(requestConcurrency) || requestConcurrency < 1 || requestConcurrency > 1000)
    throw refused('requestConcurrency', requestConcurrency, 'a whole number from 1 to 1000');
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

/** A role has room for a few more ARNs than this (grants.ts), and a stack for 500 resources. */
const MOST_ARNS = 370;

export function refuseTooLarge({ id, targets }: Fleet): void {
  const admins = adminSecretsOf(targets).size;
  // grants.ts names an admin secret twice; a secret that is driven has a schedule and a permission
  // besides
  const driven = targets.filter(({ driver }) => driver === 'secrets-manager').length;
  if (targets.length + 2 * driven + 2 * admins <= MOST_ARNS) return;
  const most = Math.max(0, MOST_ARNS - 2 * driven - 2 * admins);
  throw new Error(
    `the fleet ${id} has ${targets.length} targets; expected at most ${most} beside ${admins} admin secrets in one stack: make several fleets of it, each with an id and a Rekey of its own`,
  );
}

/**
 * The fleet file allows for sweeps every five minutes; a window must also hold two of those that
 * really come.
 */
export function refuseNarrowWindows({ targets }: Fleet, { interval }: Settings): void {
  const least = 2 * interval.toMilliseconds();
  for (const { name, window } of targets) {
    if (!window || window.duration >= least) continue;
    const [open, wanted, every] = [window.duration, least, least / 2].map(formatDuration);
    throw new Error(
      `the window of ${name} stays open for ${open}; expected at least ${wanted}: the property interval of Rekey has the fleet looked at every ${every}, and two looks must fall into a window`,
    );
  }
}

const refused = (name: keyof RekeyProps, value: unknown, expected: string): Error =>
  new Error(`the property ${name} of Rekey is ${value}; expected ${expected}`);
