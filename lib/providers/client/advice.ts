/** Advice for a parameter that the vendor refuses. */
export const checkParams = (names: string): string =>
  `check ${names} in the params of the fleet file`;

/** Advice for an admin credential that the vendor refuses. */
export const replaceAdmin = (what: string): string => `put a valid ${what} into the admin secret`;
