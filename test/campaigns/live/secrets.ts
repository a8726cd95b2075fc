import { Secret } from '../../../lib/core/secret.ts';

/** The secret texts of a parsed admin credential. */
export const secretsIn = (admin: unknown): readonly string[] =>
  Object.values(admin ?? {}).flatMap((value: unknown) =>
    value instanceof Secret ? [value.reveal()] : [],
  );
