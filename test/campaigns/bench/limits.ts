/** Maximum size of each function's code, in bytes. */
export const limits: Readonly<Record<string, number>> = {
  sweep: 450_000,
  request: 450_000,
  reconcile: 1_400_000,
  'native-rotation': 1_400_000,
};

/** Maximum start time of a function, relative to a bundle of only the two SDK clients. */
export const RATIO = 1.6;

/**
 * Maximum start time relative to the same function of another commit (`npm run bench -- --before
 * <folder>`).
 */
export const GROWTH = 1.3;
