/**
 * Sections of NODE_DEBUG with which Node writes headers of requests, and with them credentials, to
 * the terminal.
 */
const sections = ['http', 'http2', 'https', 'net', 'tls', 'undici', 'fetch'];

/** The part of NODE_DEBUG that would print credentials; `undefined` if none does. */
export function leakingDebug(value: string | undefined): string | undefined {
  return value?.split(',').find((wanted) => {
    const pattern = wanted
      .trim()
      .replace(/[^\w*]/g, '')
      .replaceAll('*', '.*');
    return (
      pattern !== '' && sections.some((section) => new RegExp(`^${pattern}$`, 'i').test(section))
    );
  });
}
