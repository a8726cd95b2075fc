/** Sections of NODE_DEBUG that make Node print request headers, and so credentials. */
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
