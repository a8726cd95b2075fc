import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';

/**
 * The key of a token server, and how a registry recognizes it: by certificate chain (`x5c`) or by
 * key id.
 */
export interface TokenSigner {
  /** A private key: an object, or PEM. */
  readonly key: KeyObject | string;
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** The algorithm of the key. */
  readonly algorithm: 'ES256' | 'RS256';
  /** Certificates in base64 DER, the signer's first. */
  readonly x5c?: readonly string[];
  /**
   * Id of the key. @default the libtrust fingerprint of the key, which Docker's registry expects
   */
  readonly kid?: string;
}

/** One entry of the `access` claim (https://distribution.github.io/distribution/spec/auth/jwt/). */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** The claims of a registry token. Times are in seconds. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly Access[];
}

/** Quay's tokens also live for an hour. */
const lifetime = 3600;
/** Number of recent tokens that a signer recognizes without verifying the signature again. */
const REMEMBERED = 1000;

/** A signer with a fresh P-256 key. */
export function freshSigner(issuer: string): TokenSigner {
  return {
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    issuer,
    algorithm: 'ES256',
  };
}

/**
 * The key id of Docker's registry 2: 240 bits of the SHA-256 of the key's DER form, in base32, in
 * groups of four (https://github.com/docker/libtrust, `KeyID`).
 */
export function fingerprint(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const letters = (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
  return (letters.match(/.{4}/g) ?? []).join(':');
}

/** Issues tokens and recognizes its own. */
export function tokens({ key, issuer, algorithm, x5c, kid }: TokenSigner) {
  const own = typeof key === 'string' ? createPrivateKey(key) : key;
  const shown = createPublicKey(own);
  const header = {
    typ: 'JWT',
    alg: algorithm,
    ...(x5c ? { x5c } : { kid: kid ?? fingerprint(shown) }),
  };
  // JWS concatenates r and s of an ECDSA signature (RFC 7518, 3.4) and does not use DER
  const dsaEncoding = 'ieee-p1363';
  /** Recently signed tokens: verifying one again would take longer than the rest of an answer. */
  const known = new Set<string>();
  return {
    claims(sub: string, aud: string, access: readonly Access[], now: Date): Claims {
      const iat = Math.floor(now.getTime() / 1000);
      return {
        iss: issuer,
        sub,
        aud,
        exp: iat + lifetime,
        nbf: iat,
        iat,
        jti: randomUUID(),
        access,
      };
    },
    sign(claims: Claims): string {
      const text = [header, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('sha256', Buffer.from(text), { key: own, dsaEncoding });
      const token = `${text}.${signature.toString('base64url')}`;
      if (known.size > REMEMBERED) known.clear();
      known.add(token);
      return token;
    },
    /** The claims of a token that this key signed; otherwise `undefined`. */
    open(token: string): Claims | undefined {
      const [head, body, signature] = token.split('.');
      if (!head || !body || !signature) return undefined;
      const good =
        known.has(token) ||
        verify(
          'sha256',
          Buffer.from(`${head}.${body}`),
          { key: shown, dsaEncoding },
          Buffer.from(signature, 'base64url'),
        );
      return good ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined;
    },
  };
}
