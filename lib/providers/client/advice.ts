/*
 * Texts that providers share: what a vendor's refusal means, and what to do about it.
 */

/** To check parameters; their names are those in the fleet file. */
export const check = (params: string): string => `check ${params} in the params of the fleet file`;

/** To replace the admin credential. */
export const replace = (what: string): string => `put a valid ${what} into the admin secret`;

/** The vendor refuses the request: mostly status 400. */
export const request = (vendor: string, params: string): string =>
  `${vendor} refuses the request; ${check(params)}`;

/** The vendor refuses the admin credential: mostly status 401. `what` is its name at the vendor. */
export const admin = (vendor: string, what: string, valid = 'one'): string =>
  `${vendor} refuses the ${what}; ${replace(valid)}`;

/** A thing that the parameters name does not exist: mostly status 404. */
export const missing = (what: string, params: string): string =>
  `there is no such ${what}; ${check(params)}`;
