import { BlockList, isIP } from 'node:net';

/** Address ranges, as `10.0.0.0/8`, and what they are for. In this order: the first that holds an address names it. */
const special: readonly (readonly [kind: string, ...ranges: string[]])[] = [
  // of AWS, its containers and other clouds: whoever may ask there is given the credentials of the function
  [
    'metadata',
    ...['169.254.169.254/32', '169.254.170.2/32', '169.254.170.23/32', '100.100.100.200/32'],
    ...['fd00:ec2::254/128', 'fd00:ec2::23/128'],
  ],
  ['loopback', '127.0.0.0/8', '::1/128'],
  ['unspecified', '0.0.0.0/8', '::/128'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['unique-local', 'fc00::/7'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  ['carrier-grade NAT', '100.64.0.0/10'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  // documentation, benchmarks, tunnels, the future (RFC 6890): no registry is there
  [
    'reserved',
    ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
    ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
  ],
];

const kinds = special.map(([kind, ...ranges]) => [kind, blockList(ranges)] as const);
/** All that is public of IPv6. */
const global = blockList(['2000::/3']);

/** A list of ranges in CIDR notation. */
export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Whether a list holds an address; one of IPv6 that stands for one of IPv4 is looked for as such. */
export function holds(list: BlockList, address: string): boolean {
  const plain = embedded(address);
  return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}

/** Which special range an address is in; `undefined` if it is a public one. */
export function rangeOf(address: string): string | undefined {
  const plain = embedded(address);
  const [kind] = kinds.find(([, list]) => holds(list, plain)) ?? [];
  if (kind) return kind;
  return isIP(plain) === 6 && !global.check(plain, 'ipv6') ? 'reserved' : undefined;
}

/** The IPv4 address in `::ffff:0:0/96` (mapped) or `64:ff9b::/96` (a NAT64 gateway's), else the address without its zone. */
function embedded(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  // a URL writes an address in one way only
  const { hostname } = new URL(`http://[${plain}]`);
  const [, high = '0', low] = /^\[(?:::ffff:|64:ff9b::)(?:([\da-f]{1,4}):)?([\da-f]{1,4})\]$/.exec(hostname) ?? [];
  if (low === undefined) return plain;
  const bytes = [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return bytes.join('.');
}
