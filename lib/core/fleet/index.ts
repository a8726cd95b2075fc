export { type Issue, parseFleet } from './parse.ts';
export { fileSchema, type Providers } from './schema.ts';
export type { Fleet, Target } from './target.ts';
export { nextOpening, type Window } from './window.ts';
