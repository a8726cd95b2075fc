export { type Issue, parseFleet } from './parse.ts';
export { fileSchema, type Providers } from './schema.ts';
export { FLEET_TAG, type Fleet, type Target } from './target.ts';
export { nextOpening, type Window } from './window.ts';
