/** The meaning of undici's error codes. */
const known: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'connecting timed out',
  UND_ERR_HEADERS_TIMEOUT: 'the answer timed out',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped halfway',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of its answer are too large',
};

/** OpenSSL's codes for a certificate that no trusted authority has signed. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Explains why there was no answer, in words or by a code such as ECONNREFUSED. The error's own
 * message is never used: it may quote what was sent or received.
 */
export function reason(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return 'connection failed';
  if (code.startsWith('HPE_')) return 'its answer is not HTTP';
  if (untrusted.has(code)) return `${code}; name a certificate authority of your own in network.ca`;
  return known[code] ?? code;
}
