export { checkParams, replaceAdmin } from './advice.ts';
export type { ApiAnswer } from './answer.ts';
export { type JsonApi, jsonApi, LIST_BYTES } from './api.ts';
export {
  digestId,
  dockerLogins,
  registryOf,
  select,
  takeBack,
  whenUnknown,
} from './credential.ts';
export {
  anyObject,
  headerSecret,
  lenient,
  numericId,
  origin,
  registryHost,
  secretLike,
  secretText,
  tokenAdmin,
  username,
  vendorId,
  vendorTime,
} from './schemas.ts';
