import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { providers } from '../../../lib/providers/index.ts';
import type { Difference } from './difference.ts';
import { differences } from './differences.ts';
import { inStep } from './docs.ts';
import { readDocument, responseOf, type VendorDocument } from './documents.ts';
import { driveDeepgram } from './drive-deepgram.ts';
import { driveDigitalocean } from './drive-digitalocean.ts';
import { driveGitlab } from './drive-gitlab.ts';
import { driveHarbor } from './drive-harbor.ts';
import { driveHuawei } from './drive-huawei.ts';
import { driveIonos } from './drive-ionos.ts';
import { driveQuay } from './drive-quay.ts';
import { readExamples } from './examples.ts';
import { type Exchange, mediaType } from './record.ts';
import { Examples, type Outcome, replayAll } from './replay.ts';
import { huaweiReplays, loginVectors } from './replay-huawei.ts';
import { quayReplays } from './replay-quay.ts';
import { selfTest } from './self-test.ts';

const root = resolve(import.meta.dirname, '../../..');
const told = process.env.REKEY_CONTRACTS;
const folder = told ? resolve(told) : resolve(root, '../shared/contracts');
const page = join(root, 'docs/conformance.md');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const problems: string[] = [];

const document = (name: string) => () => readDocument(folder, name);
/** Names in Quay's examples and in its simulation. */
const quayNames = [
  'acme',
  'app',
  'ci',
  'ci_r20260115a',
  'acme+ci_r20260115a',
  'CLIENTID',
  'acme_corp',
  'worker',
  'builders',
];
const quayExamples = () => readExamples(folder, 'quay-examples.json', quayNames);
const huaweiExamples = () => readExamples(folder, 'huawei-examples.json', []);

/** Drives and the documents that their traffic is compared with. */
const drives = [
  {
    vendor: 'ionos',
    drive: driveIonos,
    readers: [document('ionos.yaml'), document('ionos-v1.0-verbatim.yaml')],
  },
  {
    vendor: 'deepgram',
    drive: driveDeepgram,
    readers: [document('deepgram-observed.yaml'), document('deepgram.yaml')],
  },
  {
    vendor: 'digitalocean',
    drive: driveDigitalocean,
    readers: [document('digitalocean-observed.yaml'), document('digitalocean.yaml')],
  },
  {
    vendor: 'quay',
    drive: driveQuay,
    readers: [document('quay-swagger-slice.json'), quayExamples],
  },
  { vendor: 'huawei', drive: driveHuawei, readers: [huaweiExamples] },
  {
    vendor: 'harbor-robot',
    drive: driveHarbor,
    readers: [document('harbor-robots.swagger.yaml')],
  },
  {
    vendor: 'gitlab-deploy-token',
    drive: driveGitlab,
    readers: [document('from-sources.openapi.yaml')],
  },
] as const;

/** One difference of one operation as a lookup key. */
const keyOf = (
  ...parts: readonly [document: string, operation: string, where: string, what: string]
): string => parts.join(' · ');
const keysOf = ({ documents, operations, where, what }: Difference): readonly string[] =>
  documents.flatMap((document) =>
    operations.flatMap((one) => what.map((text) => keyOf(document, one, where, text))),
  );

/** Compares exchanges with one document. Returns the keys of all differences. */
function hold(document: VendorDocument, exchanges: readonly Exchange[]): readonly string[] {
  const { name, operations } = document;
  const known = exchanges.flatMap((exchange) => {
    const found = document.operationOf(exchange);
    if (!found) return [];
    const drawn = responseOf(found, exchange.status);
    const body = drawn?.content?.[mediaType(exchange.responseHeaders)];
    return [{ id: found.operationId, hasStatus: drawn !== undefined, hasBody: body !== undefined }];
  });
  const seen = new Set(known.map(({ id }) => id)).size;
  const [statuses, bodies] = [
    known.filter(({ hasStatus }) => hasStatus).length,
    known.filter(({ hasBody }) => hasBody).length,
  ];
  const explained = differences.filter(({ documents }) => documents.includes(name)).length;
  const answers = `${statuses} responses validated, ${bodies} of them with a body`;
  const validated = `${known.length} requests and ${answers}`;
  say(
    [
      `${name}: ${seen} of ${operations} operations, ${validated}, ${explained} differences`,
      'explained',
    ].join(' '),
  );
  problems.push(...selfTest(document, exchanges));
  return exchanges.flatMap((exchange) =>
    document
      .check(exchange)
      .map(({ operation, where, what }) => keyOf(name, operation, where, what)),
  );
}

/** Drives every vendor, and compares the traffic with its documents. */
async function drive() {
  let [exchanges, documents] = [0, 0];
  const found = new Set<string>();
  for (const { vendor, drive, readers } of drives) {
    const traffic = await drive().catch((error: unknown) => {
      problems.push(`${vendor}: ${error instanceof Error ? error.message : 'failed'}`);
      return [];
    });
    exchanges += traffic.length;
    documents += readers.length;
    for (const reader of readers) for (const key of hold(reader(), traffic)) found.add(key);
  }
  return { exchanges, documents, found };
}

/** Lets the examples answer providers. Returns the names of these providers. */
async function replay(): Promise<ReadonlySet<string>> {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const [quay, huawei, vectors] = [
    'quay-examples.json',
    'huawei-examples.json',
    'huawei-swr-basic-longterm-login-vectors.json',
  ];
  const logins = loginVectors(read(vectors));
  const outcomes: readonly (readonly [string, Outcome])[] = [
    [quay, await replayAll(Examples.parse(read(quay)).examples, quayReplays)],
    [huawei, await replayAll(Examples.parse(read(huawei)).examples, huaweiReplays)],
    [vectors, await replayAll(logins.examples, logins.replays)],
  ];
  const asked = new Set<string>();
  for (const [name, outcome] of outcomes) {
    const { replayed, notApplicable } = outcome;
    say(`${name}: ${replayed} of ${replayed + notApplicable.length} examples replayed`);
    for (const { example, notApplicable: why } of notApplicable)
      say(`  not applicable: ${example}: ${why}`);
    problems.push(...outcome.problems.map((problem) => `${name}: ${problem}`));
    for (const provider of outcome.providers) asked.add(provider);
  }
  return asked;
}

/** Compares the differences with the table, in both directions. */
function compare(found: ReadonlySet<string>): readonly string[] {
  say('\ndifferences explained:');
  for (const { documents, operations, where, what } of differences) {
    const many = operations.length > 2 ? `${operations.length} operations` : operations.join(', ');
    say(`  ${documents.join(', ')}: ${many}: ${where}: ${what.join('; ')}`);
  }
  const explained = new Set(differences.flatMap(keysOf));
  const unexplained = [...found].filter((key) => !explained.has(key));
  problems.push(...unexplained.map((key) => `not explained: ${key}`));
  problems.push(
    ...[...explained]
      .filter((key) => !found.has(key))
      .map((key) => `explained, but it no longer occurs: ${key}`),
  );
  return unexplained;
}

async function run(): Promise<void> {
  if (!existsSync(folder)) {
    say('the vendors’ documents are missing; set REKEY_CONTRACTS to their folder');
    return say(`conformance: not run, ${told ?? '../shared/contracts'} does not exist`);
  }
  const { exchanges, documents, found } = await drive();
  const covered = new Set([...(await replay()), ...drives.map(({ vendor }) => vendor)]);
  problems.push(
    ...Object.keys(providers).flatMap((name) =>
      covered.has(name) ? [] : [`not covered: ${name}`],
    ),
  );
  const unexplained = compare(found);
  const text = readFileSync(page, 'utf8');
  if (process.argv.includes('--docs')) writeFileSync(page, inStep(text));
  else if (inStep(text) !== text)
    problems.push('docs/conformance.md is outdated: run npm run conformance -- --docs');
  if (problems.length > 0) say('\nwrong:');
  for (const problem of problems) say(`  ${problem}`);
  const summary = `${differences.length} differences explained, ${unexplained.length} unexplained`;
  say(`\nconformance: ${exchanges} exchanges, ${documents} documents, ${summary}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await run();
