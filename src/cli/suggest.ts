/** The known words nearest to a mistyped one, best first; at most three, and none when nothing is near. */
export function nearest(word: string, known: readonly string[]): string[] {
  const lower = word.toLowerCase();
  const limit = Math.max(1, Math.floor(lower.length / 3));
  return known
    .map((candidate) => ({ candidate, distance: distanceTo(lower, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** A sentence that offers them, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known);
  return near.length === 0 ? undefined : `Did you mean ${near.join(" or ")}?`;
}

/** A beginning counts as one step away; else the number of letters added, left out, changed or swapped. */
function distanceTo(word: string, candidate: string): number {
  if (word.length >= 3 && candidate.startsWith(word)) return 1;
  const rows: number[][] = [Array.from({ length: candidate.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= word.length; i++) {
    const row = [i];
    for (let j = 1; j <= candidate.length; j++) {
      const same = word[i - 1] === candidate[j - 1];
      const swapped = i > 1 && j > 1 && word[i - 1] === candidate[j - 2] && word[i - 2] === candidate[j - 1];
      row[j] = Math.min(
        at(rows, i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        at(rows, i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return at(rows, word.length, candidate.length);
}

function at(rows: readonly number[][], i: number, j: number): number {
  return rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
}
