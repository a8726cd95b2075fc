export * as advice from './advice.ts';
export type { ApiAnswer, Confirmation } from './answer.ts';
export {
  type ApiOptions,
  type JsonApi,
  jsonApi,
  LIST_BYTES,
  type RequestOptions,
  type Unsigned,
} from './api.ts';
export {
  digestId,
  dockerLogins,
  registryOf,
  select,
  takeBack,
  whenUnknown,
} from './credential.ts';
export type { Page, PageAt } from './pages.ts';
