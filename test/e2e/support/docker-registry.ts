import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Image, makeImage } from './image.ts';
import { push } from './skopeo.ts';
import { environment, missing, temporaryFolder } from './tools.ts';

export interface DockerRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** The image in the registry. */
  readonly image: Image;
}

/** Docker's own registry with one image in it. `auth` is the section of its configuration. */
export async function startDockerRegistry(
  stack: AsyncDisposableStack,
  auth: object,
): Promise<DockerRegistry> {
  const folder = await temporaryFolder(stack);
  const image = await makeImage(join(folder, 'image'));
  {
    // filled by a second registry over the same files that needs no password
    await using filling = new AsyncDisposableStack();
    const open = await serve(filling, folder, {});
    const nobody = join(folder, 'nobody.json');
    await writeFile(nobody, '{}');
    if ((await push(nobody, image, open)) !== 'done') throw new Error('the image cannot be pushed');
  }
  return { host: await serve(stack, folder, { auth }), image };
}

async function serve(stack: AsyncDisposableStack, folder: string, more: object): Promise<string> {
  const file = join(folder, 'config.json');
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'storage') },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0', secret: randomUUID() },
    ...more,
  };
  // JSON is YAML
  await writeFile(file, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', file], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  stack.defer(async () => {
    process.off('exit', kill);
    const ended = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (ended) return;
    kill();
    await new Promise((resolve) => child.once('exit', resolve));
  });
  return listening(child);
}

/** The address that the registry prints once its port is open. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? missing('docker-registry') : error);
    });
    child.once('exit', (status) => {
      reject(new Error(`docker-registry ended with ${status} before it opened a port`));
    });
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
        if (!address) return;
        resolve(address);
      });
    }
  });
}
