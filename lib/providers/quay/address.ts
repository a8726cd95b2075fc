import * as z from 'zod';
import { origin } from '../client/schemas.ts';

/** The origin of Red Hat's hosted Quay, for params without `endpoint`. */
export const QUAY = 'https://quay.io';

/**
 * Quay's rule for users, organizations, teams and robots: separators stand alone, between letters
 * and digits.
 */
export const quayName = (what: string, longest: number) =>
  z
    .string(what)
    .min(2, `${what}: at least 2 characters`)
    .max(longest, `${what}: at most ${longest} characters`)
    .regex(
      /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
      `${what}: a-z and 0-9, with single . _ or - in between`,
    );

/**
 * The schema of the parameter `endpoint`: the origin of a self-hosted Quay, without a path;
 * `undefined` for quay.io.
 */
export const endpointParam = origin('a Quay', 'https://quay.example.com')
  .optional()
  .describe('Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.');

/** A Quay's registry is the same host. */
export const quayAddress = ({ endpoint = QUAY }: { readonly endpoint?: string | undefined }) => ({
  endpoint,
  registry: new URL(endpoint).host,
});
