/** `; did you mean x?` if a known word is similar to the typed one; else an empty text. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const wanted = plain(typed);
  const ranked = known
    .map((word) => ({ word, distance: distance(wanted, plain(word)) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, wanted.length / 3)
    ? `; did you mean ${best.word}?`
    : '';
}

/** The same word for project_id, ProjectID and projectId. */
const plain = (word: string): string => word.slice(0, 100).toLowerCase().replace(/[_-]/g, '');

/** How many characters have to be added, removed or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
