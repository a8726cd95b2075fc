import * as z from 'zod';
import { AwsError } from './aws-error.ts';

/** The NextToken of a request: the text that `page` returned as `next`. */
export const pageToken = z.string().min(1).max(4096);

interface Page<Item> {
  readonly items: readonly Item[];
  /** Start of the next page; absent on the last one. */
  readonly next: string | undefined;
}

/** One page of a list. */
export function page<Item>(
  all: readonly Item[],
  token: string | undefined,
  size: number,
): Page<Item> {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
  const end = start + size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
}
