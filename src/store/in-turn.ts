/** Runs what it is given one after the other, in the order of the calls; a failure concerns only its own caller. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** One connection carries one transaction at a time. */
export function inTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
