import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Image, repository, sha256, tag } from './image.ts';
import { type Ran, run, succeed, temporaryFolder } from './tools.ts';

export type Verdict = 'done' | 'refused';

/** Pulls the image with the login in an auth file, and checks that it is the pushed one. */
export async function pull(authFile: string, image: Image, host: string): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const folder = await temporaryFolder(stack);
  const copy = [
    'copy',
    '--insecure-policy',
    '--src-tls-verify=false',
    reference(host),
    `dir:${folder}`,
  ];
  const answer = verdict(await run('skopeo', copy, login(authFile)));
  if (answer === 'refused') return answer;
  const digest = `sha256:${sha256(await readFile(join(folder, 'manifest.json')))}`;
  if (digest !== image.digest)
    throw new Error(`the pulled image is ${digest}, not ${image.digest}`);
  return answer;
}

/** Pushes the image with the login in an auth file. */
export async function push(
  authFile: string,
  { folder }: Image,
  host: string,
  name = repository,
): Promise<Verdict> {
  const copy = [
    'copy',
    '--insecure-policy',
    '--dest-tls-verify=false',
    `oci:${folder}`,
    reference(host, name),
  ];
  return verdict(await run('skopeo', copy, login(authFile)));
}

/** The digest that the registry reports for the image. */
export async function inspect(authFile: string, host: string): Promise<string> {
  const args = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', reference(host)];
  return (await succeed('skopeo', args, login(authFile))).trim();
}

const reference = (host: string, name = repository) => `docker://${host}/${name}:${tag}`;

const login = (authFile: string) => ({ env: { REGISTRY_AUTH_FILE: authFile } });

/**
 * skopeo has one exit status for every failure. An unreachable registry must not count as a
 * refusal.
 */
function verdict({ status, stderr }: Ran): Verdict {
  if (status === 0) return 'done';
  if (/unauthorized:|invalid username\/password|access to the resource is denied/.test(stderr))
    return 'refused';
  throw new Error(`skopeo ended with ${status}: ${stderr.trim()}`);
}
