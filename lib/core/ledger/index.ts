export { digest, labels } from './labels.ts';
export { parseLedger } from './parse.ts';
export { relabelled } from './relabelled.ts';
export type * from './version.ts';
export * from './views.ts';
