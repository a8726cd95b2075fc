/*
 * `cdk-rekey/provider/testing`: how a provider in the user's own repository is tested, and what its
 * simulated vendor is built from. Needs vitest, hono and @hono/node-server.
 */
export type { Clock, UnknownCause, Verdict } from '../../core/ports.ts';
export type { HttpOptions } from '../../http/client.ts';
export { createFaults, type Fault, type Faults, htmlPage } from '../../sandbox/faults.ts';
export {
  createRegistry,
  type Grant,
  type LoginCheck,
  type Mood,
  type RegistryOptions,
} from '../../sandbox/registry/index.ts';
export type { TokenSigner } from '../../sandbox/registry/token.ts';
export {
  type Delays,
  type Entry,
  hex,
  type Ledger,
  type State,
  uuid,
} from '../../sandbox/vendors/ledger.ts';
export { createParts, createVendor, logins, type Parts } from '../../sandbox/vendors/parts.ts';
export {
  type Behaviour,
  type Env,
  json,
  type Ports,
  type SimulatedCredential,
  type SimulatedVendor,
  type Started,
  type Stateful,
  type VendorOptions,
} from '../../sandbox/vendors/vendor.ts';
export { type ManualClock, manualClock } from './clock.ts';
export { labelled, prefix } from './label.ts';
export { testProvider } from './provider.ts';
export type { Subject } from './subject.ts';
export { openWorld, type World } from './world.ts';
