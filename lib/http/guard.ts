import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { RekeyError } from '../core/errors.ts';
import { blockList, holds, rangeOf } from './addresses.ts';

/** For `allow`, where the other side is on this machine: simulated vendors. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** Decides which addresses are connected to. */
export interface Guard {
  /**
   * What resolves the host of this URL when it is connected to. The addresses it gives are the
   * checked ones, so that a name cannot change its mind between the check and the connection.
   * Throws at once where the URL names an address.
   */
  lookupFor(url: URL): LookupFunction;
}

/**
 * Public addresses by https, and nothing else: not the network that a function happens to be in,
 * and not what hands out its credentials. `allow` adds ranges; plain http is for loopback alone. A
 * metadata service is never allowed.
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
      const advice =
        'expected a public address, or one in a range that the fleet file names in network.allow';
      return new RekeyError('refused-address', `${host} is at a ${range} address; ${advice}`);
    }
    if (protocol === 'https:' || range === 'loopback') return undefined;
    return new RekeyError('refused-address', `${host} was to be asked without TLS; expected https`);
  }

  return {
    lookupFor(url) {
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      // no name, so nobody would call what is returned
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
