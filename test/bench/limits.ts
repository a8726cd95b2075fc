/** How large the code of each function may be, in bytes. */
export const limits: Readonly<Record<string, number>> = {
  sweep: 450_000,
  request: 450_000,
  reconcile: 700_000,
  'native-rotation': 700_000,
};

/** How much longer than a bundle of the two SDK clients alone a function may take to be ready. */
export const RATIO = 1.6;
