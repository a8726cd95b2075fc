import { MINUTE } from '../../time.ts';
import { problem, type Rule } from './rule.ts';

/**
 * The format is `dockerconfigjson`, but the provider issues bearer tokens: a Docker config holds
 * logins, and `docker login` accepts no bearer token.
 */
export const bearerForDocker: Rule = ({ format }, { name, capabilities }) =>
  capabilities.bearer && format === 'dockerconfigjson'
    ? problem('format', `fields: ${name} issues bearer tokens, and docker login accepts none`)
    : undefined;

/** A worker has to come to an end. */
export const verifiesTooLong: Rule = ({ verify }) =>
  verify.within > 5 * MINUTE ? problem('verify.within', 'at most 5m') : undefined;

/**
 * The current credential is checked more often than every 5 minutes. Registries count logins; `0s`
 * turns the checks off.
 */
export const checkedTooOften: Rule = ({ verify }) =>
  verify.every !== 0 && verify.every < 5 * MINUTE
    ? problem('verify.every', 'at least 5m, or 0s for never')
    : undefined;

/** No credential would ever be proven. */
export const actionNeverGranted: Rule = ({ params, verify }, provider) => {
  const able = provider.actions?.(params);
  const never = able && verify.access?.actions.filter((action) => !able.includes(action));
  if (!able || !never || never.length === 0) return undefined;
  return problem(
    'verify.actions',
    `${able.join(', ')}: credentials of ${provider.name} with these params ` +
      `are never granted ${never.join(', ')}`,
  );
};

/** `verify.manifest` is set without `verify.repository`, so its repository is unknown. */
export const manifestWithoutRepository: Rule = ({ verify }) =>
  verify.manifest && !verify.access
    ? problem('verify.repository', 'a repository, because verify.manifest names a manifest in it')
    : undefined;
