/** A deviation from the default: the decision, and the choice. */
export type Deviation = readonly [decision: number, choice: string];
export type Schedule = readonly Deviation[];

export const written = (schedule: Schedule): string =>
  schedule.map(([at, choice]) => `${at}:${choice}`).join(',') || '-';
export const parsed = (text: string): Schedule =>
  (text === '' || text === '-' ? [] : text.split(',')).map((part): Deviation => {
    const colon = part.indexOf(':');
    return [Number(part.slice(0, colon)), part.slice(colon + 1)];
  });
