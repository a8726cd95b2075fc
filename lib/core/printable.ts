/**
 * Text as one line that is harmless to a terminal: control and format characters are escaped as in
 * JSON, so that no label, answer or key can move the cursor, recolor the screen, or look like a
 * line of its own. JSON text keeps its meaning.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    // each UTF-16 unit on its own: JSON has no other form
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
