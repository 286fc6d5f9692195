/**
 * The longest run of increasing numbers in a list, not necessarily neighbours: their places in the list, ascending.
 * Time grows with n log n. Among runs of one length the choice depends on the numbers alone.
 */
export function longestIncreasing(numbers: readonly number[]): number[] {
  // `ends[k]` is the place of the smallest number that a run of length k + 1 can end with.
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [place, number] of numbers.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    previous[place] = ends[low - 1] ?? -1;
    ends[low] = place;
  }
  const run: number[] = [];
  for (let place = ends.at(-1) ?? -1; place !== -1; place = previous[place] ?? -1) run.push(place);
  return run.reverse();
}
