import { BlockList, isIP } from 'node:net';

/**
 * Address ranges, as `10.0.0.0/8`, and what they are for. In this order: the first that holds an
 * address names it.
 */
const special: readonly (readonly [kind: string, ...ranges: string[]])[] = [
  // of AWS, its containers and other clouds: whoever may ask there is given the credentials of the
  // function
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
    ...[
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
    ],
    ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
  ],
];

const kinds = special.map(([kind, ...ranges]) => [kind, blockList(ranges)] as const);
const metadata = kinds[0]?.[1] ?? blockList([]);
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

/**
 * Whether a list holds an address; one of IPv6 that stands for one of IPv4 is looked for as such.
 */
export function holds(list: BlockList, address: string): boolean {
  const plain = embedded(address);
  return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}

/** Which special range an address is in; `undefined` if it is a public one. */
export function rangeOf(address: string): string | undefined {
  const plain = embedded(address);
  // whoever opens a tunnel does not open what lies behind it
  if (tunnelled(plain).some((behind) => metadata.check(behind))) return 'metadata';
  const [kind] = kinds.find(([, list]) => holds(list, plain)) ?? [];
  if (kind) return kind;
  return isIP(plain) === 6 && !global.check(plain, 'ipv6') ? 'reserved' : undefined;
}

/**
 * The IPv4 address in `::ffff:0:0/96` (mapped) or `64:ff9b::/96` (a NAT64 gateway's), else the
 * address without its zone.
 */
function embedded(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  // a URL writes an address in one way only
  const { hostname } = new URL(`http://[${plain}]`);
  const [, high = '0', low] =
    /^\[(?:::ffff:|64:ff9b::)(?:([\da-f]{1,4}):)?([\da-f]{1,4})\]$/.exec(hostname) ?? [];
  if (low === undefined) return plain;
  const bytes = [high, low].flatMap((group) => [
    Number.parseInt(group, 16) >> 8,
    Number.parseInt(group, 16) & 255,
  ]);
  return bytes.join('.');
}

/**
 * The IPv4 addresses that one of 6to4 (`2002::/16`), or of a gateway of one's own
 * (`64:ff9b:1::/48`, RFC 6052), may lead to.
 */
function tunnelled(address: string): readonly string[] {
  if (isIP(address) !== 6) return [];
  const bytes = bytesOf(address);
  const at = (...places: readonly number[]) => places.map((place) => bytes[place]).join('.');
  const begins = (...start: readonly number[]) =>
    start.every((byte, index) => bytes[index] === byte);
  if (begins(0x20, 0x02)) return [at(2, 3, 4, 5)];
  if (!begins(0, 0x64, 0xff, 0x9b, 0, 1)) return [];
  // by the length of the gateway's prefix; the byte in the middle is always left out
  return [at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12), at(12, 13, 14, 15)];
}

/** The 16 bytes of an IPv6 address. */
function bytesOf(address: string): readonly number[] {
  const groups = (text: string) => text.split(':').filter(Boolean);
  // a URL writes an address in one way only, without a dot
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255]);
}
