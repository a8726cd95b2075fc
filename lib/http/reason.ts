/** What undici's codes mean. */
const known: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped halfway',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of its answer are too large',
};

/** OpenSSL's codes for a certificate that no known authority vouches for. */
const strangers = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Why there was no answer, in words or as a code such as ECONNREFUSED. Never the error's own
 * message: it may quote what was sent, or what came.
 */
export function reason(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return 'connection failed';
  if (code.startsWith('HPE_')) return 'its answer is not HTTP';
  if (strangers.has(code)) return `${code}; an authority of your own is named in network.ca`;
  return known[code] ?? code;
}
