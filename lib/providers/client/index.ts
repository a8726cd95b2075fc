export * as advice from './advice.ts';
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
