/**
 * The syntax of a correlation id. The sender of a request chooses it, and it goes into messages,
 * events, logs and traces. Both ends of the queue use this pattern, so the receiver accepts what
 * the sender sends.
 */
export const CORRELATION_ID = /^[\w.:@/+-]{1,128}$/;
