import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { RekeyError } from '../../core/errors.ts';
import type {
  FoundCredential,
  LabelFilter,
  Provider,
  ProviderCall,
  RevocableCredential,
} from '../../core/provider.ts';
import { Secret } from '../../core/secret.ts';
import { prefix } from './label.ts';
import { canary } from './refusals.ts';
import type { Subject } from './subject.ts';
import { LIFETIME, openWorld, type World } from './world.ts';

type Call = ProviderCall<unknown, unknown>;

/** One run of the contract: what its parts share. */
export interface Suite {
  /** The provider's name; the titles of the tests begin with it. */
  readonly name: string;
  readonly subject: Subject;
  readonly provider: Provider<unknown, unknown>;
  /** The provider can list. */
  readonly lists: boolean;
  /** The provider can revoke. */
  readonly revokes: boolean;
  open(): Promise<World>;
  /** Nothing, if the provider cannot list. */
  find(call: Call, filter?: LabelFilter): Promise<readonly FoundCredential[]>;
  revoke(call: Call, credential: RevocableCredential): Promise<void>;
  admin(text: unknown): Record<string, unknown>;
  /** A credential that the vendor does not know. */
  unknown(): { readonly id: string; readonly password: Secret };
  /** Runs work that must fail, and checks the text of its error. */
  failure(work: Promise<unknown>, world: World): Promise<RekeyError>;
  /** Expects no live credential; if the provider cannot list, none after its expiry. */
  leavesNothing(world: World): void;
  /** Expects one request that creates a credential. */
  createdOnce(world: World): void;
}

/** Prepares a run of the contract for this provider. */
export function suiteOf(name: string, subject: Subject): Suite {
  const { provider } = subject;
  const lists = provider.find !== undefined;
  return {
    name,
    subject,
    provider,
    lists,
    revokes: provider.revoke !== undefined,
    open: () => openWorld(subject),
    find: (call, filter = { prefix }) => provider.find?.(call, filter) ?? Promise.resolve([]),
    revoke: (call, credential) =>
      provider.revoke?.(call, credential) ?? Promise.reject(new Error('it has no revoke')),
    admin: subject.admin ?? ((token) => ({ token })),
    unknown: () => ({ id: subject.unknownId ?? randomUUID(), password: new Secret('unknown') }),

    async failure(work, world) {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const { requests } = world.vendor;
      expect(
        error,
        `a RekeyError was expected; the vendor received ${requests.join(', ') || 'no request'}, ` +
          'one of which should match a pattern of the subject',
      ).toBeInstanceOf(RekeyError);
      if (!(error instanceof RekeyError)) throw error;
      expect(error.message).toMatch(new RegExp(`^${name}: [a-z]+ [a-z ]+: .`));
      expect(error.message).not.toMatch(/https?:|\/registries|\/v1\/|\?/);
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
      const secrets = Object.values(JSON.parse(world.vendor.admin) as Record<string, string>);
      for (const text of [canary, ...secrets]) expect(shown).not.toContain(text);
      return error;
    },

    leavesNothing(world) {
      if (!lists) world.clock.advance(LIFETIME);
      expect(world.alive(), 'credentials are still alive at the vendor').toEqual([]);
    },

    createdOnce(world) {
      const { requests } = world.vendor;
      expect(
        requests.filter((line) => subject.create.test(line)),
        `one request that matches ${subject.create} was expected among ${requests.join(', ')}`,
      ).toHaveLength(1);
    },
  };
}
