import { responseOf, type VendorDocument } from './documents.ts';
import type { Exchange } from './record.ts';

/** One way to break an exchange on purpose. Returns nothing if the exchange does not allow it. */
type Break = (exchange: Exchange, document: VendorDocument) => readonly Exchange[];

const breaks: Readonly<Record<string, Break>> = {
  'response body'(exchange, document) {
    const { responseBody: body, status } = exchange;
    const operation = document.operationOf(exchange);
    const drawn = operation && responseOf(operation, status)?.content?.['application/json'];
    if (!drawn || typeof body !== 'object' || body === null) return [];
    // the validator may report nothing new about a response that is already wrong
    if (document.check(exchange).some(({ where }) => where === `response ${status} body`))
      return [];
    // replaces the whole body by a number, and each of its fields
    return [7, ...Object.keys(body).map((key) => ({ ...body, [key]: 7 }))].map((responseBody) => ({
      ...exchange,
      responseBody,
    }));
  },
  'response status'(exchange, document) {
    const operation = document.operationOf(exchange);
    return !operation || operation.responses.default ? [] : [{ ...exchange, status: 299 }];
  },
  'request query'(exchange, document) {
    return document.operationOf(exchange)
      ? [{ ...exchange, query: `${exchange.query}&surprise=1` }]
      : [];
  },
  'request body'(exchange, document) {
    const drawn =
      document.operationOf(exchange)?.requestBody && typeof exchange.requestBody === 'object';
    return drawn ? [{ ...exchange, requestBody: ['surprise'] }] : [];
  },
};

/**
 * Breaks that every document must have received. A status can be wrong only if the operation has no
 * default response.
 */
const always = ['response body', 'request query'];

/**
 * Breaks each exchange on purpose, in every way, and returns the breaks that were not noticed:
 * proof that validation works.
 */
export function selfTest(
  document: VendorDocument,
  exchanges: readonly Exchange[],
): readonly string[] {
  return Object.entries(breaks).flatMap(([name, broken]) => {
    const tried = exchanges.map((exchange) => ({ exchange, variants: broken(exchange, document) }));
    const some = tried.filter(({ variants }) => variants.length > 0);
    if (some.length === 0)
      return always.includes(name) ? [`${document.name}: no ${name} to break on purpose`] : [];
    const unnoticed = some.filter(
      ({ exchange, variants }) =>
        !variants.some((variant) => isNoticed(document, exchange, variant)),
    );
    return unnoticed.map(
      ({ exchange: { method, path } }) =>
        `${document.name}: a broken ${name} of ${method} ${path} was not noticed`,
    );
  });
}

function isNoticed(document: VendorDocument, whole: Exchange, broken: Exchange): boolean {
  const before = document.check(whole).map(({ where, what }) => `${where} ${what}`);
  return document.check(broken).some(({ where, what }) => !before.includes(`${where} ${what}`));
}
