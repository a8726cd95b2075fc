export { digest, labels } from './labels.ts';
export { parseLedger } from './parse.ts';
export { relabeled } from './relabeled.ts';
export type * from './version.ts';
export * from './views.ts';
