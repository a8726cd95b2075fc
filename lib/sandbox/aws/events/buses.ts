import * as z from 'zod';
import { type Account, epochSeconds, now } from '../account.ts';
import { AwsError, notFound, validation } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';

const busName = z.string().min(1).max(256);

const arnOf = ({ region, id }: Account, name: string) =>
  `arn:aws:events:${region}:${id}:event-bus/${name}`;

/** The name of a bus, given as a name, as an ARN or left out. */
export const nameOfBus = (bus = 'default'): string => bus.replace(/^arn:[^/]*:event-bus\//, '');

/** The default bus always exists. */
export function findBus(account: Account, bus?: string) {
  const name = nameOfBus(bus);
  const known = account.state.buses.find((one) => one.name === name);
  if (known) return known;
  return name === 'default' ? { name, arn: arnOf(account, name), createdAt: 0 } : undefined;
}

/** Same as `findBus`, but throws ResourceNotFoundException for an unknown bus. */
export function requireBus(account: Account, bus?: string) {
  const found = findBus(account, bus);
  if (!found) throw notFound(`Event bus ${nameOfBus(bus)} does not exist.`);
  return found;
}

/**
 * CreateEventBus. Throws ValidationException for a name with characters other than letters, digits
 * and `/.-_`, and ResourceAlreadyExistsException for a name in use.
 */
export const createEventBus = (account: Account) =>
  operation(z.object({ Name: busName }), ({ Name }) => {
    if (!/^[/.\-_A-Za-z0-9]+$/.test(Name)) throw validation('Invalid event bus name.');
    if (findBus(account, Name))
      throw new AwsError('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
    const bus = { name: Name, arn: arnOf(account, Name), createdAt: now(account) };
    account.state.buses.push(bus);
    return { EventBusArn: bus.arn };
  });

/**
 * DeleteEventBus. Succeeds for an unknown bus. Throws ValidationException for the default bus and
 * for a bus that has rules.
 */
export const deleteEventBus = (account: Account) =>
  operation(z.object({ Name: busName }), ({ Name }) => {
    const name = nameOfBus(Name);
    if (name === 'default') throw validation('Cannot delete event bus default.');
    if (account.state.rules.some(({ bus }) => bus === name))
      throw validation("Event bus can't be deleted since it has rules.");
    account.state.buses = account.state.buses.filter((bus) => bus.name !== name);
    return {};
  });

/** DescribeEventBus, by name or ARN. Without a name it describes the default bus. */
export const describeEventBus = (account: Account) =>
  operation(z.object({ Name: z.string().optional() }), ({ Name }) =>
    describe(requireBus(account, Name)),
  );

/**
 * ListEventBuses, with a prefix: the default bus first, then the others, oldest first, up to 100 a
 * page.
 */
export const listEventBuses = (account: Account) =>
  operation(
    z.object({
      NamePrefix: z.string().optional(),
      Limit: z.int().min(1).max(100).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ NamePrefix, Limit, NextToken }) => {
      const buses = [requireBus(account), ...account.state.buses].filter(({ name }) =>
        name.startsWith(NamePrefix ?? ''),
      );
      const { items, next } = page(buses, NextToken, Limit ?? 100);
      return { EventBuses: items.map(describe), NextToken: next };
    },
  );

const describe = ({ name, arn, createdAt }: { name: string; arn: string; createdAt: number }) => ({
  Name: name,
  Arn: arn,
  CreationTime: epochSeconds(createdAt),
});
