/** Gives items away by their text: each once, equal ones in their order, and nothing where none is left. */
export function handOut<T>(items: Iterable<readonly [text: string, item: T]>): (text: string) => T | undefined {
  const equal = new Map<string, { readonly items: T[]; given: number }>();
  for (const [text, item] of items) {
    const there = equal.get(text);
    if (there) there.items.push(item);
    else equal.set(text, { items: [item], given: 0 });
  }
  return (text) => {
    const left = equal.get(text);
    return left?.items[left.given++];
  };
}
