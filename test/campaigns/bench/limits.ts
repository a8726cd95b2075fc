/** How large the code of each function may be, in bytes. */
export const limits: Readonly<Record<string, number>> = {
  sweep: 450_000,
  request: 450_000,
  reconcile: 1_400_000,
  'native-rotation': 1_400_000,
};

/** How much longer than a bundle of the two SDK clients alone a function may take to be ready. */
export const RATIO = 1.6;

/**
 * How much longer than the same function of another commit it may take (`npm run bench -- --before
 * <folder>`).
 */
export const GROWTH = 1.3;
