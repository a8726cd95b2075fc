/** A word of a command for a POSIX shell; quoted if the shell would read it differently. */
export const shellWord = (text: string): string =>
  /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
