import { BlockList, isIP, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The URL of a registry that is named as in an image reference: `https`, or `http` on loopback;
 * undefined if the name is not a host with an optional port.
 */
export function registryUrl(registry: string): URL | undefined {
  if (!/^[\w:[][\w.:[\]-]*$/.test(registry)) return undefined;
  const host = isIPv6(registry) ? `[${registry}]` : registry;
  const named = URL.parse(`https://${host}/`);
  if (!named) return undefined;
  // parsed again, because the default port of https is not that of http
  const url = isLoopback(plain(named.hostname)) ? new URL(`http://${host}/`) : named;
  url.hostname = plain(url.hostname);
  return url;
}

/**
 * The realm of a challenge if a password may be sent there, else undefined. It must use https
 * (http on loopback only) and be at the registry's own host, at a host with an allowed suffix, or
 * at an allowed `host:port`. The server chooses the realm, and a password sent to the wrong host is
 * leaked; https://distribution.github.io/distribution/spec/auth/token/ does not restrict it.
 */
export function trustedRealm(
  realm: string,
  registry: URL,
  suffixes: readonly string[],
): URL | undefined {
  const url = URL.parse(realm);
  if (!url || `${url.username}${url.password}` !== '') return undefined;
  const hostname = plain(url.hostname);
  const secure = url.protocol === 'https:';
  if (!secure && !(url.protocol === 'http:' && isLoopback(hostname))) return undefined;
  const usualPort = secure && url.port === '';
  const own = hostname === plain(registry.hostname) && (url.port === registry.port || usualPort);
  const allowed = suffixes.some(
    (suffix) => suffix === url.host || (usualPort && endsWith(hostname, suffix.toLowerCase())),
  );
  if (!own && !allowed) return undefined;
  url.hash = '';
  return url;
}

/**
 * Matches a suffix: `.example.com` matches the hosts below it, `example.com` also the host itself,
 * and a label `*` any one label, such as a region. An IP address never matches.
 */
function endsWith(hostname: string, suffix: string): boolean {
  if (isIP(hostname) !== 0 || hostname.startsWith('[')) return false;
  const labels = hostname.split('.');
  const domain = plain(suffix.replace(/^\./, '')).split('.');
  if (domain.includes('')) return false;
  const above = labels.length - domain.length;
  const fits = domain.every((label, place) =>
    label === '*' ? labels[above + place] !== '' : label === labels[above + place],
  );
  return fits && (above > 0 || (above === 0 && !suffix.startsWith('.')));
}

/** Removes the trailing dot of an absolute name: certificates and image references have none. */
const plain = (hostname: string) => hostname.replace(/\.$/, '');

function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family === 0
    ? address === 'localhost'
    : loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
