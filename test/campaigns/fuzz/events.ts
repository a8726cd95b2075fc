import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { ZodError } from 'zod';
import { parseEvent } from '../../../lib/core/events/index.ts';
import { anyText, type Subject, subject } from './subject.ts';
import { replaced } from './texts.ts';

const folder = new URL('../../fixtures/events/1.0/', import.meta.url);
const envelopes = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown,
);
const changed = subject(
  'event of ours, in the form that a subscriber gets',
  fc.record({
    which: fc.nat(),
    changes: fc.array(fc.record({ at: fc.nat(), value: fc.oneof(fc.jsonValue(), anyText) }), {
      maxLength: 4,
    }),
  }),
  ({ which, changes }) => {
    const envelope = structuredClone(envelopes[which % envelopes.length]);
    for (const { at, value } of changes) replaced(envelope, at, value);
    try {
      parseEvent(envelope);
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
    }
  },
);
const anyEvents = subject('anything as an event', fc.anything(), (input) => {
  try {
    parseEvent(input);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
  }
});

export const events: readonly Subject[] = [changed, anyEvents];
