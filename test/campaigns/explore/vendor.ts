import * as z from 'zod';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { RegistryCheck, Verdict } from '../../../lib/core/ports.ts';
import { type LabelFilter, matches, type Provider } from '../../../lib/core/provider.ts';
import { Secret } from '../../../lib/core/secret.ts';
import type { Through } from './effect.ts';
import { ending } from './safety.ts';
import { variant } from './target.ts';
import { alive, change, type Issued, tell, type World } from './world.ts';

const REGISTRY = 'registry.example.com';

function issue(world: World, label: string, expiresAt: Date | undefined): Issued {
  const { capabilities, lifetime } = variant();
  const live = Object.values(world.credentials).filter((one) => one.state !== 'deleted');
  const known = live.find((one) => one.label === label);
  if (known && capabilities.readAgain) return known;
  if (live.length >= capabilities.liveAtOnce)
    throw new RekeyError('quota', 'explored: no room for another credential');
  const id = `k${Object.keys(world.credentials).length + 1}`;
  const made: Issued = {
    id,
    label,
    username: capabilities.readAgain ? label : `user-${id}`,
    password: `password-${id}`,
    issuedAt: world.now,
    expiresAt: lifetime === undefined ? expiresAt?.getTime() : world.now + lifetime,
    state: 'enabled',
  };
  world.credentials = { ...world.credentials, [id]: made };
  tell(world, { what: 'issued', credential: id });
  return made;
}

function end(world: World, id: string, how: 'disabled' | 'deleted'): void {
  const known = world.credentials[id];
  if (!known || known.state === 'deleted') return;
  ending(world, known, how);
  change(world, id, { state: how });
}

function enable(world: World, id: string): void {
  if (world.credentials[id]?.state === 'deleted')
    throw new RekeyError('not-found', 'explored: no such credential');
  change(world, id, { state: 'enabled' });
}

/** The vendor as one worker sees it. */
export function vendorOf(world: World, through: Through): Provider {
  const scope = 'vendor';
  const { capabilities, finds, disables, revocable, lifetime } = variant();
  const write = true;
  return {
    name: 'vendor',
    capabilities,
    params: z.strictObject({}),
    admin: z.object({}),
    endpoint: 'https://vendor.example.com',
    registry: REGISTRY,
    realms: [],
    ...(lifetime !== undefined && { lifetime: () => lifetime }),
    check: async () => {},
    async issue(_, { label, expiresAt }) {
      const made = await through({
        name: 'issue',
        scope,
        write,
        run: () => issue(world, label, expiresAt),
      });
      return {
        id: made.id,
        username: made.username,
        password: new Secret(made.password),
        registry: REGISTRY,
        ...(made.expiresAt !== undefined && { expiresAt: new Date(made.expiresAt) }),
      };
    },
    ...(finds && {
      async find(_: unknown, filter: LabelFilter) {
        const run = () =>
          Object.values(world.credentials).filter(
            (one) => one.state !== 'deleted' && matches(filter, one.label),
          );
        const found = await through({ name: 'find', scope, write: false, run });
        return found.map(({ id, label, issuedAt }) => ({
          id,
          label,
          issuedAt: new Date(issuedAt),
        }));
      },
    }),
    ...(revocable && {
      revoke: (_: unknown, { id }: { readonly id: string }) =>
        through({ name: 'revoke', scope, write, run: () => end(world, id, 'deleted') }),
    }),
    ...(disables && {
      enable: (_: unknown, { id }: { readonly id: string }, enabled: boolean) =>
        through({
          name: enabled ? 'enable' : 'disable',
          scope,
          write,
          run: () => (enabled ? enable(world, id) : end(world, id, 'disabled')),
        }),
    }),
  };
}

/** The registry as one worker sees it: it accepts exactly what the vendor has enabled. */
export function registryOf(world: World, through: Through): RegistryCheck {
  return {
    check: ({ username, password }) =>
      through({
        name: 'check',
        scope: 'registry',
        write: false,
        run: (): Verdict => {
          const text = password.reveal();
          const known = Object.values(world.credentials).find(
            (one) => one.username === username && one.password === text,
          );
          if (!known || !alive(known, world.now)) return { outcome: 'refused' };
          if (!known.accepted) change(world, known.id, { accepted: true });
          return { outcome: 'accepted' };
        },
        unknown: () => ({ outcome: 'unknown', cause: 'unreachable' }),
      }),
  };
}
