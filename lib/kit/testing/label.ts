import { randomUUID } from 'node:crypto';

/** The labels of one target begin with this in the contract's tests. */
export const prefix = 'rekey-fleet-0123abcd-';

/** A new label as rekey writes them: `start` and 32 hex digits. */
export const labelled = (start = prefix): string => `${start}${randomUUID().replaceAll('-', '')}`;
