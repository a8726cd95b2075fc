import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundledPackages } from '../../../lib/packaging/bundled.ts';
import { notices } from '../../../lib/packaging/notices.ts';

test('the notices name every package of a published file, with its license', async () => {
  const packages = await bundledPackages();
  const text = notices(packages);
  for (const folder of packages) {
    const { name, version, license } = JSON.parse(
      readFileSync(`${folder}/package.json`, 'utf8'),
    ) as { name: string; version: string; license: string };
    expect(text).toContain(`\n${name} ${version} (${license})\n`);
  }
  expect(text).toContain('\nfauxqs ');
  // the copyright line of a license that requires it
  expect(text).toContain('Copyright (c) 2021 - present, Yusuke Wada and Hono contributors');
  // a package that brings no license file
  expect(text).toMatch(/emitter-listener .*\n\n.*Copyright: .*\w+/);
});
