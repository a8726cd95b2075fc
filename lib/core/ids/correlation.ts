/**
 * What a correlation id may be: it comes from whoever sends a request, and goes into messages,
 * events, logs and traces. Both ends of the queue go by this, so that what one sends the other
 * takes.
 */
export const CORRELATION_ID = /^[\w.:@/+-]{1,128}$/;
