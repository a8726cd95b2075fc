import { posix } from 'node:path';
import { type Facts, few, type ReleaseCheck } from './facts.ts';

/** A test of an example is part of what the example shows. */
const isOwnTest = (path: string): boolean =>
  /\.test\.[jt]s$/.test(path) && !path.startsWith('examples/');

/** Bytes of the tarball without the sandbox, and with it. */
const LARGEST = { own: 1_200_000, whole: 1_500_000 };

/** The files that the package may have. */
const allowed = [
  /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|cdk\.json)$/,
  /^bin\/rekey\.js$/,
  /^dist\/(?:functions\/[\w-]+|events)\.mjs$/,
  /^dist\/(?:lib|schema)\/.*(?:\.js|\.d\.ts)$/,
  /^dist\/THIRD-PARTY-NOTICES$/,
  /^docs\/.*\.(?:md|svg)$/,
  /^examples\/.*\.(?:ts|yaml|json|md)$/,
  /^schema\/.*\.json$/,
  /^template\/app\/.*$/,
];

/** Secrets of AWS, private keys, tokens of npm, GitHub and GitLab, JWTs. */
const secretLike = new RegExp(
  [
    'A(?:KI|SI)A[0-9A-Z]{16}',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----',
    'npm_\\w{36}|gh[pousr]_\\w{36}|glpat-[\\w-]{20}',
    'eyJ[\\w-]{20,}\\.eyJ[\\w-]+',
  ].join('|'),
  'g',
);
/** AWS's own examples, and those of the simulated vendors. */
const isMadeUp = (text: string): boolean => /EXAMPLE|simulated/.test(text);

const paths = ({ packed }: Facts): readonly string[] => [...packed.files.keys()];

/** Statements about the content of the tarball. */
export const contentChecks: readonly ReleaseCheck[] = [
  {
    statement: 'the package has only files that belong there, and no test',
    problem: (facts) => {
      const wrong = paths(facts).filter(
        (path) => !allowed.some((pattern) => pattern.test(path)) || isOwnTest(path),
      );
      return wrong.length > 0
        ? `unexpected: ${few(wrong)}; correct "files" of package.json`
        : undefined;
    },
  },
  {
    statement: 'the package has each file that "exports" and "bin" name',
    problem: (facts) => {
      const { exports, bin } = facts.manifest;
      const named = [...Object.values(exports), ...Object.values(bin)].flatMap((target) =>
        typeof target === 'string'
          ? [target]
          : Object.entries(target).flatMap(([condition, file]) =>
              // only a clone has the sources
              condition === 'rekey-source' ? [] : [file],
            ),
      );
      const has = (file: string) =>
        paths(facts).some((path) =>
          file.endsWith('*') ? path.startsWith(file.slice(0, -1)) : path === file,
        );
      const missing = named.map((file) => file.replace(/^\.\//, '')).filter((file) => !has(file));
      return missing.length > 0
        ? `missing: ${few(missing)}; run npm run build and read its output`
        : undefined;
    },
  },
  {
    statement: 'every source map finds its sources',
    problem: (facts) => {
      const { files } = facts.packed;
      const lost = [...files].filter(([path, text]) => {
        const map = /\n\/\/# sourceMappingURL=(?!data:)(\S+)\s*$/.exec(text)?.[1];
        if (map && !files.has(beside(path, map))) return true;
        if (!path.endsWith('.map')) return false;
        const { sources, sourcesContent } = JSON.parse(text) as {
          readonly sources: readonly string[];
          readonly sourcesContent?: readonly string[];
        };
        return !sourcesContent && sources.some((source) => !files.has(beside(path, source)));
      });
      return lost.length > 0
        ? `${few(lost.map(([path]) => path))} point to files that are not packed; leave maps out`
        : undefined;
    },
  },
  {
    statement: 'nothing in the package looks like a secret',
    problem: ({ packed }) => {
      const found = [...packed.files].filter(([, text]) =>
        text.match(secretLike)?.some((match) => !isMadeUp(match)),
      );
      // the path only: the text may be a real secret
      return found.length > 0
        ? `${few(found.map(([path]) => path))} have one; remove it, and revoke it if it is real`
        : undefined;
    },
  },
  {
    statement: `the package has at most ${LARGEST.own / 1000} KB without the sandbox`,
    problem: ({ packed: { bytes, sandboxBytes } }) => {
      const own = bytes - sandboxBytes;
      if (own <= LARGEST.own && bytes <= LARGEST.whole) return undefined;
      const most = `${LARGEST.own} and ${LARGEST.whole}`;
      return `it has ${own} bytes, ${bytes} with the sandbox; expected at most ${most}`;
    },
  },
  {
    statement: 'the package has its license, and the notices of the packages in its bundles',
    problem: ({ packed: { files }, bom, manifest: { license } }) => {
      if (!license || !files.has('LICENSE')) return 'LICENSE or the field "license" is missing';
      const notices = files.get('dist/THIRD-PARTY-NOTICES');
      if (!notices) return 'dist/THIRD-PARTY-NOTICES is missing; npm run build has to write it';
      const missing = (bom?.components ?? [])
        .filter(({ scope }) => scope === 'required')
        .map(({ group, name, version }) => `${group ? `${group}/` : ''}${name} ${version}`)
        .filter((title) => !notices.includes(title));
      return missing.length > 0 ? `the notices lack ${few(missing)}` : undefined;
    },
  },
];

const beside = (path: string, other: string): string => posix.join(posix.dirname(path), other);
