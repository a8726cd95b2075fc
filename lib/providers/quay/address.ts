import * as z from 'zod';
import type { ProviderCall } from '../../core/provider.ts';
import { origin } from '../client/index.ts';

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

export const endpointParam = origin('a Quay', 'https://quay.example.com')
  .optional()
  .describe('Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.');

type Call = ProviderCall<{ readonly endpoint?: string | undefined }, unknown>;

/** The origin of this Quay: from the wiring, else from the parameters, else quay.io. */
export const originOf = ({ endpoint, params }: Call): string =>
  endpoint === QUAY ? (params.endpoint ?? QUAY) : endpoint;

/** A Quay's registry is the same host, unless the wiring says otherwise. */
export const registryOf = (call: Call): string => call.registry ?? new URL(originOf(call)).host;
