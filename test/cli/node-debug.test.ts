import { expect, test } from 'vitest';
import { leakingDebug } from '../../lib/cli/node-debug.ts';

test.each(['http', 'HTTP', 'fs,http', 'h*', '*', 'undici', 'tls , net', 'http2'])(
  'NODE_DEBUG=%s would print credentials',
  (value) => {
    expect(leakingDebug(value)).toBeDefined();
  },
);

test.each([undefined, '', 'fs', 'module,timers', 'httpd', 'x.*('])(
  'NODE_DEBUG=%s would not print credentials',
  (value) => {
    expect(leakingDebug(value)).toBeUndefined();
  },
);
