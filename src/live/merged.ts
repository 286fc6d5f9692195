/**
 * What several sources yield, as it comes. Ends when all have ended; when the reader stops, or one of them throws, all
 * are ended.
 */
export async function* merged<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const nexts = new Map<AsyncGenerator<T>, Promise<Step<T>>>();
  const ask = (source: AsyncGenerator<T>): void => {
    nexts.set(
      source,
      source.next().then((result) => ({ source, result })),
    );
  };
  for (const source of sources) ask(source);
  try {
    while (nexts.size > 0) {
      const { source, result } = await Promise.race(nexts.values());
      if (result.done === true) {
        nexts.delete(source);
        continue;
      }
      ask(source);
      yield result.value;
    }
  } finally {
    for (const next of nexts.values()) next.catch(() => undefined);
    for (const source of sources) void source.return(undefined).catch(() => undefined);
  }
}

interface Step<T> {
  readonly source: AsyncGenerator<T>;
  readonly result: IteratorResult<T, unknown>;
}
