/** The constructs of this package. */
export { Rekey, type RekeyProps } from './rekey.ts';
export { RotatedSecret, type RotatedSecretProps } from './rotated-secret.ts';
export type { Subscription } from './subscriptions.ts';
