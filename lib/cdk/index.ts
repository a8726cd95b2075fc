/** The constructs of this package. */
export type { FleetFile, Former } from '../../schema/fleet.ts';
export type { FleetMetric } from './metrics.ts';
export type { RequestSources } from './props.ts';
export { Rekey, type RekeyProps } from './rekey.ts';
export { RotatedSecret, type RotatedSecretProps } from './rotated-secret.ts';
export type { Subscription } from './subscriptions.ts';
