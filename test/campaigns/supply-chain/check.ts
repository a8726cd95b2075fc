import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bundledPackages } from '../../../lib/packaging/bundled.ts';
import { lockfile, manifest, problems } from './lockfile.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const lock = lockfile.parse(read('package-lock.json'));
const found = problems(lock, manifest.parse(read('package.json')), await bundledPackages());

// the registry knows the vulnerabilities; if it does not answer (a mirror, no network), that is
// reported and is no failure
const { stdout } = spawnSync('npm', ['audit', '--json', '--audit-level=high'], {
  encoding: 'utf8',
  timeout: 60_000,
});
const advisories = severities(stdout);
if (advisories) {
  const bad = advisories.high + advisories.critical;
  if (bad > 0)
    found.push(
      `${bad} packages have known vulnerabilities of high or critical severity; see npm audit`,
    );
}

for (const line of found) print(`FAILED ${line}`);
const asked = advisories
  ? 'advisories checked'
  : 'advisories not checked: the package registry has none';
print(
  `audit: ${Object.keys(lock.packages).length - 1} packages, ${found.length} problems, ${asked}`,
);
process.exitCode = found.length === 0 ? 0 : 1;

function severities(
  text: string,
): { readonly high: number; readonly critical: number } | undefined {
  try {
    const { metadata } = JSON.parse(text) as {
      metadata?: { vulnerabilities?: { high: number; critical: number } };
    };
    return metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}
