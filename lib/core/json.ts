/** The value in a JSON text; `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The claims of a JSON Web Token (RFC 7519), unverified: only its issuer can check the signature.
 * `undefined` if the text has no such part.
 */
export const claimsOf = (token: string): unknown =>
  parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
