export { type Fleet, type Issue, parseFleet, type Target } from './parse.ts';
export { fileSchema, type Providers } from './schema.ts';
export { nextOpening, type Window } from './window.ts';
