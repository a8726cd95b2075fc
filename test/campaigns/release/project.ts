import { few, type ReleaseCheck } from './facts.ts';

/** Statements about the repository and its manifest. */
export const projectChecks: readonly ReleaseCheck[] = [
  {
    statement: 'the version is the newest release of CHANGELOG.md',
    problem: ({ manifest: { version }, changelog }) => {
      const newest = /^## (\d+\.\d+\.\d+\S*) \(\d{4}-\d\d-\d\d\)$/m.exec(changelog)?.[1];
      if (newest === version) return undefined;
      return (
        `package.json has ${version}, CHANGELOG.md ${newest ?? 'no release'}; ` +
        `add "## ${version} (YYYY-MM-DD)" with its entries, or correct the version`
      );
    },
  },
  {
    statement: 'CHANGELOG.md has no unreleased entries',
    problem: ({ manifest: { version }, changelog }) => {
      const [, section = ''] = /^## Unreleased\n(.*?)(?=^## |(?![\s\S]))/ms.exec(changelog) ?? [];
      const { length } = section.match(/^\* /gm) ?? [];
      if (length === 0) return undefined;
      return `${length} entries are under "Unreleased"; move them to the section of ${version}`;
    },
  },
  {
    statement: 'package-lock.json has the version',
    problem: ({ manifest: { version }, lockedVersion }) =>
      lockedVersion === version
        ? undefined
        : `it has ${lockedVersion}, package.json ${version}; run npm install`,
  },
  {
    statement: 'npm publishes with public access and provenance',
    problem: ({ manifest: { publishConfig, repository } }) => {
      if (publishConfig?.access !== 'public' || publishConfig.provenance !== true)
        return 'publishConfig of package.json lacks it; add "access": "public", "provenance": true';
      if (!/^git\+https:\/\/github\.com\/[\w.-]+\/[\w.-]+\.git$/.test(repository?.url ?? ''))
        return (
          `repository.url of package.json is ${repository?.url ?? 'missing'}; it must be that of ` +
          'the publishing workflow: expected git+https://github.com/OWNER/NAME.git'
        );
      return undefined;
    },
  },
  {
    statement: 'engines names the Node release that the command asks for',
    problem: ({ manifest: { engines }, packed }) => {
      const asked = /needs Node (\d+\.\d+) or later/.exec(packed.files.get('bin/rekey.js') ?? '');
      const expected = `>=${asked?.[1]}.0`;
      if (engines?.node === expected) return undefined;
      const { node } = engines ?? {};
      return `engines.node is ${node}, bin/rekey.js asks for ${asked?.[1]}; expected ${expected}`;
    },
  },
  {
    statement: 'docs/reference is complete and up to date',
    problem: ({ reference }) => (reference.length > 0 ? few(reference) : undefined),
  },
  {
    statement: 'schema/ is up to date',
    problem: ({ schemas }) =>
      schemas.length > 0
        ? `${few(schemas)} differ from the code; run npm run schemas and commit them`
        : undefined,
  },
  {
    statement: 'the bill of materials is written for this version',
    problem: ({ bom, manifest: { name, version } }) => {
      if (!bom) return 'npm run sbom wrote none; run it and read its output';
      const { component } = bom.metadata;
      if (component.name === name && component.version === version && bom.components.length > 0)
        return undefined;
      return `it lists ${component.name} ${component.version}; expected ${name} ${version}`;
    },
  },
  {
    statement: 'every change is committed',
    problem: ({ changes }) => {
      if (!changes) return 'git has no status here; run it in the clone that you release from';
      return changes.length > 0 ? `commit or remove ${few(changes)}` : undefined;
    },
  },
  {
    statement: 'the tag of the version is free',
    problem: ({ tags, manifest: { version } }) =>
      tags.includes(`v${version}`)
        ? `v${version} is a tag already; choose the next version`
        : undefined,
  },
];
