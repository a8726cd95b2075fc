/**
 * `Retry-After` in milliseconds: a number of seconds or an HTTP date (RFC 9110, 10.2.3);
 * `undefined` if it is neither. A date that has passed is 0.
 */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much for a date, "-5" for one
  const date = /^[a-z]+, .+ GMT$/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
