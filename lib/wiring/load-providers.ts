import { existsSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { RekeyError } from '../core/errors.ts';
import type { Providers } from '../core/fleet/index.ts';
import { printable } from '../core/printable.ts';
import { providers } from '../providers/index.ts';
import { withOwn } from './own-providers.ts';

/** The name under which a provider's author imports rekey. */
export const KIT = 'cdk-rekey/provider';

/** The same module for every provider, also in a clone and if the package is installed twice. */
const kit = new URL(`../kit/provider${extname(import.meta.url)}`, import.meta.url).href;

/**
 * Loads the providers of a user, together with rekey's own; without a file, only the latter. The
 * file is TypeScript that Node can strip, or JavaScript. Throws `bad-fleet`, one line a problem.
 *
 * @param file relative to the working directory
 */
export function loadProviders(file: string | undefined): Providers {
  return file === undefined ? providers : withOwn(exportOf(file), file);
}

function exportOf(file: string): unknown {
  const path = resolve(file);
  if (!existsSync(path)) throw bad(`${file} does not exist; expected a file of providers`);
  if (!statSync(path).isFile()) throw bad(`${file} is not a file; expected a file of providers`);
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === KIT ? { url: kit, shortCircuit: true } : next(specifier, context),
  });
  try {
    const loaded: unknown = createRequire(import.meta.url)(path);
    return (loaded as { readonly default?: unknown }).default;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_REQUIRE_ASYNC_MODULE' ? 'it has a top-level await' : firstLine(message);
    throw bad(`${file} cannot be loaded: ${printable(why)}`, error);
  } finally {
    hooks.deregister();
  }
}

const firstLine = (text: unknown): string => String(text).split('\n')[0] ?? '';

const bad = (problem: string, cause?: unknown): RekeyError =>
  new RekeyError('bad-fleet', problem, { cause });
