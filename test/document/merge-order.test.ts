import * as fc from "fast-check";
import { expect, test } from "vitest";
import { longestIncreasing } from "../../src/document/increasing.ts";
import { mergeOrder } from "../../src/document/merge-order.ts";

const ids = fc.shuffledSubarray(["a", "b", "c", "d", "e", "f", "g", "h"]);

test("[XCS-08] a merge of orders has every item that is kept, once, and follows the only side that changed", () => {
  fc.assert(
    fc.property(ids, ids, ids, fc.uniqueArray(fc.constantFrom<string>("a", "c", "e")), (base, ours, theirs, gone) => {
      const keeps = (id: string): boolean => !gone.includes(id);
      const { order, clash } = mergeOrder(base, ours, theirs, keeps);
      expect(order.toSorted()).toEqual([...new Set([...ours, ...theirs])].filter(keeps).toSorted());
      expect(mergeOrder(base, theirs, ours, keeps).clash).toBe(clash);
      const inBase = (id: string): boolean => base.includes(id);
      expect(mergeOrder(base, base, theirs, (id) => theirs.includes(id))).toEqual({ order: theirs, clash: false });
      expect(mergeOrder(base, ours, base, (id) => ours.includes(id))).toEqual({ order: ours, clash: false });
      expect(mergeOrder(base, ours, ours, () => true)).toEqual({ order: ours, clash: false });
      const unmoved = base.filter((id) => theirs.includes(id));
      const { order: mine } = mergeOrder(base, ours, unmoved, (id) => ours.includes(id));
      expect(mine).toEqual(ours);
      const { order: others } = mergeOrder(base, base, theirs, () => true);
      expect(others.filter((id) => theirs.includes(id) && inBase(id))).toEqual(theirs.filter(inBase));
    }),
    { numRuns: 1000 },
  );
});

test("[XCS-08] additions in one place stand together, those of ours first", () => {
  const merged = mergeOrder(["a", "b"], ["o0", "a", "o1", "o2", "b"], ["t0", "a", "t1", "t2", "b"], () => true);
  expect(merged.order).toEqual(["o0", "t0", "a", "o1", "o2", "t1", "t2", "b"]);
});

test("the longest increasing run is one, and none is longer", () => {
  const longest = (numbers: readonly number[]): number => {
    const best = numbers.map(() => 1);
    for (const [at, number] of numbers.entries()) {
      for (let before = 0; before < at; before++) {
        if ((numbers[before] ?? 0) < number) best[at] = Math.max(best[at] ?? 1, (best[before] ?? 1) + 1);
      }
    }
    return Math.max(0, ...best);
  };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }), (numbers) => {
      const run = longestIncreasing(numbers);
      expect(run).toHaveLength(longest(numbers));
      for (const [at, place] of run.entries()) {
        if (at > 0) expect(numbers[place]).toBeGreaterThan(numbers[run[at - 1] ?? 0] ?? 0);
      }
      expect(run).toEqual(run.toSorted((a, b) => a - b));
    }),
  );
});
