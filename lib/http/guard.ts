import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { RekeyError } from '../core/errors.ts';
import { blockList, holds, rangeOf } from './addresses.ts';

/** Ranges for `allow` if the other side runs on this machine, such as a simulated vendor. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** Decides which addresses may be connected to. */
export interface Guard {
  /**
   * Returns the resolver for a connection to this URL. It returns only checked addresses, so a name
   * cannot resolve differently between the check and the connection. Throws `refused-address` at
   * once if the URL contains a refused IP address.
   */
  lookupFor(url: URL): LookupFunction;
}

/**
 * Allows https to public addresses only: neither the function's own network, nor a metadata service
 * that hands out its credentials. `allow` adds ranges, but a metadata service is never allowed.
 * Plain http is allowed for loopback only.
 */
export function createGuard(
  allow: readonly string[] = [],
  lookup: LookupFunction = resolve,
): Guard {
  const allowed = blockList(allow);

  function refusal({ protocol, host }: URL, address: string): RekeyError | undefined {
    const range = rangeOf(address);
    if (range === 'metadata')
      return new RekeyError('refused-address', `${host} is at the address of a metadata service`);
    if (range !== undefined && !holds(allowed, address)) {
      const advice = 'expected a public address, or a range that network.allow of the fleet lists';
      return new RekeyError('refused-address', `${host} is at a ${range} address; ${advice}`);
    }
    if (protocol === 'https:' || range === 'loopback') return undefined;
    return new RekeyError('refused-address', `${host} would be used without TLS; expected https`);
  }

  return {
    lookupFor(url) {
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      // an IP address needs no lookup, so the returned function would never be called
      const refused = isIP(literal) !== 0 && refusal(url, literal);
      if (refused) throw refused;
      return (hostname, options, done) =>
        lookup(hostname, { ...options, all: true }, (error, found) => {
          if (error) return done(error, []);
          const addresses =
            typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
          const wrong = addresses
            .map(({ address }) => refusal(url, address))
            .find((one) => one !== undefined);
          const [first] = addresses;
          if (wrong || !first)
            return done(wrong ?? Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
          return options.all ? done(null, addresses) : done(null, first.address, first.family);
        });
    },
  };
}
