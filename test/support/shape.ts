/**
 * The shape of a JSON value: a line for each path with its types, sorted. A field that some objects
 * of a list lack has a question mark.
 */
export function shapeOf(value: unknown): readonly string[] {
  const found = new Map<string, { types: Set<string>; count: number; above: string }>();
  const visit = (one: unknown, path: string, above: string): void => {
    const entry = found.get(path) ?? { types: new Set(), count: 0, above };
    found.set(path, entry);
    entry.count += 1;
    entry.types.add(Array.isArray(one) ? 'array' : one === null ? 'null' : typeof one);
    if (Array.isArray(one)) for (const item of one) visit(item, `${path}[]`, path);
    else if (typeof one === 'object' && one !== null)
      for (const [key, inner] of Object.entries(one))
        visit(inner, path ? `${path}.${key}` : key, path);
  };
  visit(value, '', '');
  return [...found]
    .filter(([path, { types }]) => path !== '' && !(path.endsWith('[]') && types.has('object')))
    .map(([path, { types, count, above }]) => {
      const isField = !path.endsWith('[]');
      const optional = isField && count < (found.get(above)?.count ?? 0);
      return `${path}${optional ? '?' : ''}: ${[...types].sort().join(' | ')}`;
    })
    .sort();
}
