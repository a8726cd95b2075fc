import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Image {
  /** An OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
  readonly folder: string;
  /** Digest of the manifest. */
  readonly digest: string;
}

/** The image's repository, one that the pull credentials of each simulated vendor may pull. */
export const repository = 'deepgram/self-hosted-api';
export const tag = 'latest';

/** The smallest possible image: one empty layer. */
export async function makeImage(folder: string): Promise<Image> {
  const emptyTar = Buffer.alloc(1024);
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });

  async function blob(kind: string, content: Buffer | object) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    await writeFile(join(blobs, sha256(bytes)), bytes);
    return {
      mediaType: `application/vnd.oci.image.${kind}`,
      digest: `sha256:${sha256(bytes)}`,
      size: bytes.length,
    };
  }
  const layer = await blob('layer.v1.tar+gzip', gzipSync(emptyTar));
  const rootfs = { type: 'layers', diff_ids: [`sha256:${sha256(emptyTar)}`] };
  const config = await blob('config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs,
  });
  const manifest = await blob('manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: [layer],
  });
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [manifest] }),
  );
  return { folder, digest: manifest.digest };
}

export const sha256 = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex');
