import { BlockList, isIP } from 'node:net';

/**
 * Special address ranges in CIDR notation, by kind. The order matters: the first range that
 * contains an address names its kind.
 */
const special: readonly (readonly [kind: string, ...ranges: string[]])[] = [
  // metadata services of AWS, its containers and other clouds hand out credentials to any caller
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
  // for documentation, benchmarks, tunnels and future use (RFC 6890): no registry is there
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
/** All public IPv6 addresses. */
const global = blockList(['2000::/3']);

/** Makes a block list from ranges in CIDR notation. */
export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** True if a list contains an address. IPv4-mapped IPv6 addresses are matched as IPv4. */
export function holds(list: BlockList, address: string): boolean {
  const plain = embedded(address);
  return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}

/** The kind of special range that contains an address; `undefined` if the address is public. */
export function rangeOf(address: string): string | undefined {
  const plain = embedded(address);
  // allowing the range of a tunnel must not allow the metadata services behind it
  if (tunnelled(plain).some((behind) => metadata.check(behind))) return 'metadata';
  const [kind] = kinds.find(([, list]) => holds(list, plain)) ?? [];
  if (kind) return kind;
  return isIP(plain) === 6 && !global.check(plain, 'ipv6') ? 'reserved' : undefined;
}

/**
 * The IPv4 address embedded in `::ffff:0:0/96` (mapped) or `64:ff9b::/96` (NAT64), else the address
 * without its zone.
 */
function embedded(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  // a URL normalizes the address
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
 * The IPv4 addresses that a 6to4 address (`2002::/16`), or one of a local NAT64 gateway
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
  // one for each possible length of the gateway's prefix; byte 8 is never part of the address
  return [at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12), at(12, 13, 14, 15)];
}

/** The 16 bytes of an IPv6 address. */
function bytesOf(address: string): readonly number[] {
  const groups = (text: string) => text.split(':').filter(Boolean);
  // a URL normalizes the address to hexadecimal groups, without a dot
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255]);
}
