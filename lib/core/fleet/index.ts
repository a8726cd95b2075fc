export { formatIssue, formatPath, type Issue } from './issues.ts';
export { parseFleet } from './parse.ts';
export { adminSecretsOf, placeOf } from './place.ts';
export { fileSchema, type Providers } from './schema.ts';
export { FLEET_TAG, type Fleet, type Former, type Network, type Target } from './target.ts';
export { nextOpening, type Window } from './window.ts';
