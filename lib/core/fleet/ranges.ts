import { BlockList, isIP } from 'node:net';
import * as z from 'zod';

/**
 * Ranges that no fleet file may allow. This machine and its link serve the function's credentials
 * and its work; no address from a vendor's answer may lead there. Tunnels and translations reach
 * any IPv4 address under another name.
 */
const closed: readonly string[] = [
  ...[
    '0.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '224.0.0.0/4',
    '::/96',
    '::ffff:0:0/96',
    'fe80::/10',
    'ff00::/8',
  ],
  ...['64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16', '192.88.99.0/24'],
];

/**
 * True for ranges no wider than the private ones: rekey sends admin credentials to addresses in
 * them.
 */
function isNarrow(text: string): boolean {
  const widest = z.cidrv4().safeParse(text).success
    ? 8
    : z.cidrv6().safeParse(text).success
      ? 7
      : undefined;
  return widest !== undefined && Number(text.split('/')[1]) >= widest;
}

/** If two ranges overlap, one of them contains the start of the other. */
const overlap = (one: string, other: string): boolean =>
  holdsStart(one, other) || holdsStart(other, one);

function holdsStart(range: string, other: string): boolean {
  const [address = '', prefix] = range.split('/');
  const [start = ''] = other.split('/');
  if (isIP(address) !== isIP(start)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), familyOf(address));
  return list.check(start, familyOf(start));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

const expected = 'an address range such as 10.0.0.0/8, no wider than /8 (of IPv6: /7)';
const reachable =
  'a range without loopback, link-local, unspecified and multicast addresses, and without tunnels';

/** An address range, in addition to public addresses, that vendors and registries may use. */
export const range = z
  .string(expected)
  .refine(isNarrow, { error: expected, abort: true })
  .refine((text) => !closed.some((other) => overlap(text, other)), reachable);
