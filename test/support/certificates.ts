import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The authority's own certificate, as PEM. */
  readonly cert: string;
  readonly key: string;
  /** Issues a server identity. @default `localhost` and 127.0.0.1 */
  issue(names?: readonly string[]): Identity;
}

/**
 * A certificate authority that no client trusts. Written by hand, because Node reads certificates
 * and does not write them.
 */
export function authority(name = 'rekey test authority'): Authority {
  const { publicKey, privateKey } = keys();
  const cert = certificate({
    subject: name,
    publicKey,
    issuer: name,
    signer: privateKey,
    extensions: [isAuthority],
  });
  return {
    cert,
    key: pem('PRIVATE KEY', privateKey.export({ type: 'pkcs8', format: 'der' })),
    issue(names = ['localhost']) {
      const own = keys();
      const extensions = [alternativeNames(names)];
      return {
        cert: certificate({
          subject: 'server',
          publicKey: own.publicKey,
          issuer: name,
          signer: privateKey,
          extensions,
        }),
        key: pem('PRIVATE KEY', own.privateKey.export({ type: 'pkcs8', format: 'der' })),
      };
    },
  };
}

const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

interface Wanted {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate({ subject, publicKey, issuer, signer, extensions }: Wanted): string {
  const day = 24 * 60 * 60 * 1000;
  const [from, until] = [new Date(Date.now() - day), new Date(Date.now() + day)];
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    named(issuer),
    sequence(time(from), time(until)),
    named(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, signer);
  return pem(
    'CERTIFICATE',
    sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature]))),
  );
}

/** DER: a tag, the length, the content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const long = length > 0xff ? [0x82, length >> 8, length & 0xff] : [0x81, length];
  return Buffer.concat([Buffer.from([tag, ...(length > 0x7f ? long : [length])]), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
const integer = (value: Buffer): Buffer => der(0x02, value);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (at: Date): Buffer =>
  der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\..*$/g, '')}Z`));
const named = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

const isAuthority = sequence(
  oid('551d13'),
  der(0x01, Buffer.from([0xff])),
  der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
);

const alternativeNames = (names: readonly string[]): Buffer =>
  sequence(
    oid('551d11'),
    der(
      0x04,
      sequence(
        ...names.map((name) => der(0x82, Buffer.from(name))),
        der(0x87, Buffer.from([127, 0, 0, 1])),
      ),
    ),
  );

function pem(what: string, content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN ${what}-----\n${lines}\n-----END ${what}-----\n`;
}
