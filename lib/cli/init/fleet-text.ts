import { stringify } from 'yaml';
import { type Draft, timingOf } from './draft.ts';
import { fieldsOf } from './fields.ts';
import { pageUrl } from './pages.ts';

/** The text of a fleet file. Optional parameters that are not set are comments. */
export function fleetText(draft: Draft): string {
  const { fleet, name, provider, admin, params } = draft;
  const { interval, grace } = timingOf(draft);
  const fields = fieldsOf(provider);
  const set = Object.entries(params).map(([key, value]) => `${key}: ${inline(value)}`);
  const open = fields
    .filter(({ key }) => !Object.hasOwn(params, key))
    .map(({ key, description }) => `# ${key}: ${description}`);
  return `# yaml-language-server: $schema=./node_modules/cdk-rekey/schema/rekey.schema.json
#
# The credentials that rekey rotates. All settings: ${pageUrl('fleet.md')}

fleet: ${fleet} # part of every label at the provider: do not change it while credentials are alive

targets:
  - name: ${inline(name)}
    provider: ${provider.name} # ${pageUrl(`providers/${provider.name}.md`)}
    admin: ${inline(admin)} # the secret that holds the admin credential
    interval: ${interval} # how old a credential may become
    grace: ${grace} # how long the previous one stays alive
    params:
${[...set, ...open].map((line) => `      ${line}\n`).join('')}`;
}

/** A value of the file, or of a flag, on one line. */
export const inline = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
