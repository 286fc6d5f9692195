import { expect, test } from "vitest";
import { planted } from "../simulation/planted.ts";
import { numbered, report, runSeeds } from "../simulation/run-seeds.ts";
import { longCount } from "../support/long-count.ts";

const HOURS = 3_600_000;

test(
  "[INV-1] [INV-2] [INV-3] [INV-4] [INV-5] [INV-6] agents, a hub and a network as the seed has them: no rule is ever broken",
  async () => {
    const count = longCount("seeds of the simulation", { small: 1000, full: 100_000 });
    const from = count > 1000 ? Math.floor(Math.random() * 2 ** 31) : 1;
    const found = await runSeeds({ from, count });
    console.log(`seeds from ${from}: ${JSON.stringify(found.counts, null, 1)}`);
    expect(report(found, {})).toBe("");
    expect(found.counts["seeds"]).toBe(count);
  },
  12 * HOURS,
);

/** Within so many seeds each of them is found with room to spare; see the numbers that are printed. */
const ENOUGH = 60;

for (const bug of Object.keys(planted)) {
  test(`[INV-1] [INV-2] [INV-4] the simulation finds a planted ${bug}, and the seed that found it does so again`, async () => {
    const { broken } = await runSeeds({ from: 1, count: ENOUGH, planted: bug });
    console.log(
      `${bug}: found by ${broken.length} of ${ENOUGH} seeds, first by ${broken.map(({ seed }) => seed).sort((a, b) => a - b)[0]}`,
    );
    const [first] = broken;
    if (!first) throw new Error(`${bug} was not found`);
    const again = await runSeeds({ from: first.seed, count: 1, planted: bug });
    expect(again.broken[0]?.trace.length).toBe(first.trace.length);
    expect(numbered(again.broken)).toEqual(numbered([first]));
    expect((await runSeeds({ from: first.seed, count: 1 })).broken).toEqual([]);
  });
}
