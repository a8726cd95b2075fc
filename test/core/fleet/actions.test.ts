import { expect, test } from 'vitest';
import { providers } from '../../../lib/providers/index.ts';
import { parseFleetText } from '../../../lib/wiring/fleet-file.ts';

const DEEPGRAM = '{ projectId: 1b7f0c8a-52c1-4d0b-8a25-6c0f4f9be7d3 }';
const IONOS = (action: string) =>
  '{ registryId: 5e1fa0b7-2d43-4c0e-9c55-8a6f3f1d7b20, ' +
  `scopes: [{ type: repository, name: '*', actions: [${action}] }] }`;

const problems = (provider: string, params: string, actions: string): string => {
  const text = `fleet: acme
targets:
  - name: app
    provider: ${provider}
    admin: admin
    params: ${params}
    verify: { repository: acme/app, actions: [${actions}] }
`;
  try {
    parseFleetText(text, providers);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ['digitalocean', '{ registry: acme }', 'push'],
  ['digitalocean', '{ registry: acme, readWrite: false }', 'pull, delete'],
  ['quay-robot', '{ organization: acme, robot: ci }', 'delete'],
  ['deepgram', DEEPGRAM, 'push'],
  ['ionos', IONOS('pull'), 'push'],
])(
  '%s: a fleet file with params %s that verifies %s, which is never granted, is refused',
  (provider, params, actions) => {
    expect(problems(provider, params, actions)).toMatch(/verify\.actions.*never granted/);
  },
);

test.each([
  ['digitalocean', '{ registry: acme, readWrite: true }', 'pull, push, delete'],
  ['quay-robot', '{ organization: acme, robot: ci }', 'pull, push'],
  ['deepgram', DEEPGRAM, 'pull'],
  ['ionos', IONOS('pull, push'), 'push'],
])('%s: a fleet file with params %s that verifies %s is accepted', (provider, params, actions) => {
  expect(problems(provider, params, actions)).toBe('');
});
