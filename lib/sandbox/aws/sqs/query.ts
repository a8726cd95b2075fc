import type { AwsError } from '../aws-error.ts';
import { isObject } from '../events/matchers.ts';

/**
 * SQS's older protocol, a form in and XML out, as older AWS CLIs use it. It is translated to and
 * from the newer one.
 */
export interface Query {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Tree = { [key: string]: Tree | string };

const numbers = [
  'DelaySeconds',
  'MaxNumberOfMessages',
  'WaitTimeSeconds',
  'VisibilityTimeout',
  'MaxResults',
];

/** Parameter of the form → member of the newer protocol, and how to join its numbered parts. */
const lists: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};
const maps: Readonly<Record<string, string>> = {
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  MessageSystemAttribute: 'MessageSystemAttributes',
};

/** Reads a form of the older protocol. Numbered parameters become lists and maps. */
export function parseQuery(form: string): Query {
  const tree: Tree = {};
  for (const [path, value] of new URLSearchParams(form)) plant(tree, path.split('.'), value);
  const { Action, Version: _, ...parameters } = tree;
  const operation = typeof Action === 'string' ? Action : '';
  const input = members(parameters);
  const { Tag, ...rest } = input;
  // the two operations that take tags name them differently
  const tags = isObject(Tag) && {
    [operation === 'CreateQueue' ? 'tags' : 'Tags']: pairs(Tag as Tree, 'Key'),
  };
  return { operation, input: { ...rest, ...tags } };
}

function plant(tree: Tree, [first = '', ...rest]: readonly string[], value: string): void {
  if (first === '__proto__') return;
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  const known = Object.hasOwn(tree, first) ? tree[first] : undefined;
  const branch: Tree = typeof known === 'object' ? known : {};
  tree[first] = branch;
  plant(branch, rest, value);
}

function members(tree: Tree): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      if (typeof value === 'string') return [key, numbers.includes(key) ? Number(value) : value];
      if (lists[key])
        return [
          lists[key],
          ordered(value).map((item) => (typeof item === 'string' ? item : members(item))),
        ];
      return maps[key] ? [maps[key], pairs(value, 'Name')] : [key, value];
    }),
  );
}

const ordered = (tree: Tree): (Tree | string)[] =>
  Object.keys(tree)
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((key) => tree[key] ?? []);

function pairs(tree: Tree, name: string): Record<string, unknown> {
  const entries = ordered(tree).map((item) =>
    typeof item === 'string' ? ['', item] : [String(item[name] ?? ''), item.Value],
  );
  return Object.fromEntries(entries);
}

const HEAD = '<?xml version="1.0"?>';
const tag = (name: string, content: string) => `<${name}>${content}</${name}>`;

/** The XML answer of an operation. `result` is the JSON of the newer protocol. */
export function formatResult(operation: string, result: object, requestId: string): string {
  const body = Object.entries(result)
    .map(([key, value]) => element(operation, key, value))
    .join('');
  const metadata = tag('ResponseMetadata', tag('RequestId', requestId));
  return `${HEAD}${tag(`${operation}Response`, tag(`${operation}Result`, body) + metadata)}`;
}

/** The XML of an error, with the older protocol's name of the code if it has one. */
export function formatError(
  { code, queryCode, message, status }: AwsError,
  requestId: string,
): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const error = [
    tag('Type', type),
    tag('Code', escapeXml(queryCode ?? code)),
    tag('Message', escapeXml(message)),
  ].join('');
  return `${HEAD}${tag('ErrorResponse', tag('Error', error) + tag('RequestId', requestId))}`;
}

function element(operation: string, key: string, value: unknown): string {
  if (value === undefined) return '';
  if (key === 'Tags' && isObject(value)) return named('Tag', 'Key', value);
  if (key === 'Attributes' && isObject(value)) return named('Attribute', 'Name', value);
  if (key === 'MessageAttributes' && isObject(value))
    return named('MessageAttribute', 'Name', value);
  const tag = {
    Successful: `${operation}ResultEntry`,
    Failed: 'BatchResultErrorEntry',
    Messages: 'Message',
    QueueUrls: 'QueueUrl',
  }[key];
  if (Array.isArray(value))
    return value.map((item) => element(operation, tag ?? key, item)).join('');
  if (!isObject(value)) return `<${key}>${escapeXml(String(value))}</${key}>`;
  const inner = Object.entries(value).map(([name, part]) => element(operation, name, part));
  return `<${key}>${inner.join('')}</${key}>`;
}

const named = (tag: string, name: string, map: object): string =>
  Object.entries(map)
    .map(
      ([key, value]) =>
        `<${tag}><${name}>${escapeXml(key)}</${name}>${element('', 'Value', value)}</${tag}>`,
    )
    .join('');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '').replaceAll('\r', '&#13;');
