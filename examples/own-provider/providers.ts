import { acmeRegistry } from './acme-registry.ts';

/** The providers of this repository, by their names in the fleet file. */
export default { 'acme-registry': acmeRegistry };
