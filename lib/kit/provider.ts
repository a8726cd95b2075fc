/*
 * `cdk-rekey/provider`: what a provider in the user's own repository is written with. It runs in a
 * Lambda, so it loads neither the CDK nor an SDK nor a test runner. The schemas of parameters are
 * the author's own, of zod 4.
 */
export { type ErrorCode, hasCode, RekeyError } from '../core/errors.ts';
export { authOf, basicAuth, bearerAuth, type Login } from '../core/login.ts';
export type { Bearer, Clock, Http, HttpAnswer, HttpRequest } from '../core/ports.ts';
export {
  type Address,
  type Capabilities,
  type Credential,
  defineProvider,
  type FoundCredential,
  type LabelFilter,
  matches,
  type Order,
  type Provider,
  type ProviderCall,
  type ProviderDefinition,
  type RevocableCredential,
} from '../core/provider.ts';
export { Secret } from '../core/secret.ts';
export { DAY, HOUR, MINUTE, plus, SECOND } from '../core/time.ts';
export type { Meaning, Meanings } from '../http/answer.ts';
export {
  type ApiAnswer,
  type ApiOptions,
  advice,
  type Confirmation,
  digestId,
  dockerLogins,
  type JsonApi,
  jsonApi,
  LIST_BYTES,
  type Page,
  type PageAt,
  type RequestOptions,
  registryOf,
  select,
  takeBack,
  type Unsigned,
  whenUnknown,
} from '../providers/client/index.ts';
export {
  anyObject,
  headerSecret,
  lenient,
  listOf,
  numericId,
  origin,
  passwordAdmin,
  registryHost,
  secretLike,
  secretText,
  text,
  tokenAdmin,
  username,
  vendorId,
  vendorTime,
} from '../providers/client/schemas.ts';
