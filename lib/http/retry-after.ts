/**
 * Converts `Retry-After` to milliseconds: the header is a number of seconds or an HTTP date (RFC
 * 9110, 10.2.3). Returns `undefined` if it is neither, and 0 for a date in the past.
 */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse accepts too much, for example "-5"
  const date = /^[a-z]+, .+ GMT$/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
