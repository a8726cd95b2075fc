import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import { type Claims, type TokenSigner, tokens } from '../../../lib/sandbox/registry/token.ts';
import { serve } from '../../../lib/sandbox/serve.ts';
import { succeed, temporaryFolder } from './tools.ts';

const service = 'docker-registry';
const issuer = 'simulated-vendor';

export interface TokenServer {
  /** `127.0.0.1:<port>`. A provider must name it in `realms`, or the password is not sent there. */
  readonly host: string;
  /** The configuration of Docker's registry that makes it trust only this token server. */
  readonly auth: object;
  /** User names that were sent with a password. */
  readonly logins: readonly string[];
}

/**
 * The token server of a simulated vendor, for Docker's registry. The vendor decides on rights. Its
 * token is signed again, with a key whose certificate Docker's registry has, and dated by the real
 * time, which that registry uses.
 */
export async function startTokenServer(
  stack: AsyncDisposableStack,
  vendor: string,
  algorithm: TokenSigner['algorithm'],
): Promise<TokenServer> {
  const { signer, rootcertbundle } = await makeSigner(stack, algorithm);
  const { claims, sign } = tokens(signer);
  const logins: string[] = [];

  const app = new Hono().get('/token', async (context) => {
    const authorization = context.req.header('authorization');
    if (authorization)
      logins.push(
        Buffer.from(authorization.replace(/^basic /i, ''), 'base64')
          .toString()
          .replace(/:.*/s, ''),
      );
    const asked = `http://${vendor}/v2/auth${new URL(context.req.url).search}`;
    const answer = await fetch(asked, { headers: authorization ? { authorization } : {} });
    if (!answer.ok) return new Response(answer.body, answer);
    const { token } = (await answer.json()) as { token: string };
    const granted: Claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    return context.json({
      token: sign(claims(granted.sub, granted.aud, granted.access, new Date())),
    });
  });
  const { url, host, close } = await serve(app);
  stack.defer(close);
  return {
    host,
    auth: { token: { realm: `${url}/token`, service, issuer, rootcertbundle } },
    logins,
  };
}

/**
 * Docker's registry recognizes a key in two ways, and each algorithm covers one: ES256 sends its
 * certificate along (`x5c`), RS256 names its key (`kid`).
 */
async function makeSigner(stack: AsyncDisposableStack, algorithm: TokenSigner['algorithm']) {
  const folder = await temporaryFolder(stack);
  const [keyFile, rootcertbundle] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = { ES256: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], RS256: ['rsa:2048'] }[
    algorithm
  ];
  const files = ['-keyout', keyFile, '-out', rootcertbundle];
  await succeed('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${issuer}`,
    '-newkey',
    ...kind,
    ...files,
  ]);
  const certificate = (await readFile(rootcertbundle, 'utf8')).replace(/-----[A-Z ]+-----|\s/g, '');
  const signer: TokenSigner = {
    key: await readFile(keyFile, 'utf8'),
    issuer,
    algorithm,
    ...(algorithm === 'ES256' && { x5c: [certificate] }),
  };
  return { signer, rootcertbundle };
}
