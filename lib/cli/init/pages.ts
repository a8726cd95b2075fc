import { version } from '../../wiring/version.ts';

/** The address of a page of docs/, in the public copy of this version. */
export const pageUrl = (page: string): string =>
  `https://unpkg.com/cdk-rekey@${version}/docs/${page}`;
