import * as z from 'zod';
import type { Provider } from '../provider.ts';
import { MINUTE, parseDuration } from '../time.ts';
import { range } from './ranges.ts';
import { cronProblem, isTimeZone } from './window.ts';

/** The providers that a fleet file may name, each by its own `name`. */
export type Providers = Readonly<Record<string, Provider>>;

const duration = z
  .string('a duration such as 15m, 24h or 30d')
  .refine((text) => parseDuration(text) !== undefined, 'a duration such as 15m, 24h or 30d')
  .meta({
    pattern: '^(\\d{1,6}[smhdw])+$',
    description: 'A duration such as 15m, 24h, 30d or 1d12h.',
  });

const secretName = z
  .string('a secret name')
  .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'a secret name: 1 to 512 letters, digits and /_+=.@-');

const window = z
  .strictObject({
    cron: z
      .string('a cron expression of five fields')
      .superRefine((text, context) => {
        const problem = cronProblem(text);
        if (problem)
          context.addIssue({
            code: 'custom',
            message: `a cron expression of five fields that comes again (${problem})`,
          });
      })
      .describe('When the window opens: minute, hour, day of month, month, day of week.'),
    timezone: z
      .string('a time zone')
      .refine(isTimeZone, 'a time zone of the IANA database, such as Europe/Berlin')
      .default('UTC'),
    duration: duration.describe('How long it stays open.'),
  })
  .describe(
    'Scheduled rotations start only while this window is open. ' +
      'Requests and compromises do not wait for it.',
  );

const verify = z
  .strictObject({
    within: duration
      .default('2m')
      .describe(
        'How long the registry may take to accept a fresh credential or refuse a revoked one, ' +
          'at most 5m.',
      ),
    every: duration
      .default('1h')
      .describe(
        'How often the current credential is checked at the registry; 0s: never. ' +
          'After two refusals in a row, rekey rotates the target.',
      ),
    repository: z
      .string('a repository such as team/app')
      .regex(
        /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/,
        'a repository such as team/app, without host and tag',
      )
      .optional()
      .describe('Also request rights on this repository from the registry.'),
    actions: z
      .array(z.enum(['pull', 'push', 'delete', '*']))
      .min(1)
      .default(['pull']),
    manifest: z
      .string()
      .min(1)
      .optional()
      .describe('Tag or digest in the repository to look up with the fresh credential.'),
  })
  .describe('How a credential is proven at its registry.');

const timing = {
  interval: duration.describe('How old a credential may become, at least 15m.'),
  grace: duration.describe(
    'How long the previous credential stays alive after a rotation; shorter than the interval.',
  ),
  soak: duration.describe(
    'How long a credential stays disabled before it is deleted, if the provider can disable.',
  ),
  compromisedGrace: duration.describe(
    'The grace of a credential that was reported as compromised.',
  ),
};

const common = {
  name: z
    .string('a name')
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name of 1 to 63 characters: a-z, 0-9 and -')
    .describe('Name of the target, unique in the fleet.'),
  secret: secretName
    .optional()
    .describe('Name of the secret it is stored in. Default: rekey/<fleet>/<name>.'),
  admin: secretName.describe(
    'Name of the secret that holds the admin credential for the provider.',
  ),
  format: z.enum(['fields', 'dockerconfigjson'], 'fields or dockerconfigjson').default('fields'),
  driver: z
    .enum(['rekey', 'secrets-manager'], 'rekey or secrets-manager')
    .default('rekey')
    .describe(
      'secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config ' +
        'and Security Hub show them.',
    ),
  window: window.optional(),
  verify: verify.prefault({}),
  interval: timing.interval.optional(),
  grace: timing.grace.optional(),
  soak: timing.soak.optional(),
  compromisedGrace: timing.compromisedGrace.optional(),
  /** Each entry is read by `formerSchema` of its provider. */
  former: z
    .array(z.unknown(), 'a list of former places')
    .max(8, 'at most 8 former places')
    .optional(),
};

/** The timing of a target for which neither the fleet nor the target sets one. */
const defaultTiming = {
  interval: '30d',
  grace: '24h',
  soak: '24h',
  compromisedGrace: '0s',
} as const;

/** One entry of `targets`, for one provider. */
export const targetSchema = (provider: Provider) =>
  z.strictObject({
    ...common,
    provider: z.literal(provider.name),
    params: provider.params.describe(`Parameters of ${provider.name}.`),
  });

/** One entry of `former`, for one provider. */
export const formerSchema = (provider: Provider) =>
  z.strictObject({
    provider: z.literal(provider.name),
    admin: common.admin,
    params: provider.params.describe(`Parameters of ${provider.name}.`),
  });

const network = z
  .strictObject({
    allow: z
      .array(range)
      .max(64, 'at most 64 ranges')
      .default([])
      .describe(
        'Address ranges, such as 10.0.0.0/8, that vendors and registries may use in addition to ' +
          'public ones.',
      ),
    ca: z
      .string('a path to certificates as PEM')
      .min(1, 'a path to certificates as PEM')
      .max(1024, 'a path of at most 1024 characters')
      .optional()
      .describe(
        'File with the PEM certificates of authorities that are trusted in addition to the ' +
          'public ones. Its path is relative to the folder of this file.',
      ),
  })
  .describe(
    'The addresses that rekey connects to, and the authorities that it trusts. ' +
      'Default: only public addresses and public authorities.',
  );

/** The file around the targets. */
export const fleetSchema = z.strictObject({
  fleet: z
    .string('a fleet id')
    .regex(
      /^(?=.{1,11}$)[a-z](?:-?[a-z0-9])*$/,
      'a fleet id of 1 to 11 characters: a-z, 0-9 and single - inside, beginning with a letter',
    )
    .describe(
      'Id of this fleet. It is part of every label at the providers: ' +
        'never change it while credentials are alive.',
    ),
  defaults: z
    .strictObject({
      interval: timing.interval.default(defaultTiming.interval),
      grace: timing.grace.default(defaultTiming.grace),
      soak: timing.soak.default(defaultTiming.soak),
      compromisedGrace: timing.compromisedGrace.default(defaultTiming.compromisedGrace),
    })
    .prefault({})
    .describe('The defaults of all targets. A target can override each of them.'),
  network: network.optional(),
  orphanAge: duration
    .default('20m')
    .refine(
      (text) => (parseDuration(text) ?? 0) >= 20 * MINUTE,
      'at least 20m: twice the longest run of a worker',
    )
    .describe('The age at which a credential that no version knows is an orphan, and is revoked.'),
  /** May be empty: the last target may leave the fleet, and be retired. */
  targets: z.array(z.unknown(), 'a list of targets').max(10_000, 'at most 10,000 targets'),
});

/** The whole file as one schema, for editors. */
export const fileSchema = (providers: Providers) => {
  const former = z
    .array(union(providers, formerSchema))
    .max(8)
    .optional()
    // once in the JSON Schema, not once for each provider
    .meta({
      id: 'former',
      description:
        'Former places: if a target moves to another provider, admin secret or place, list its ' +
        'old provider, admin and params here until its credentials there have ended.',
    });
  const targets = z
    .array(union(providers, (provider) => targetSchema(provider).extend({ former })))
    .max(10_000)
    .describe('The targets: each is one credential in one secret.');
  return fleetSchema.extend({ targets });
};

function union<Entry extends z.core.$ZodTypeDiscriminable>(
  providers: Providers,
  schema: (provider: Provider) => Entry,
) {
  const [first, ...rest] = Object.values(providers).map(schema);
  if (!first) throw new Error('a fleet needs at least one provider');
  return z.discriminatedUnion('provider', [first, ...rest]);
}
