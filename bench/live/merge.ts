import { mergeValues } from "../../src/document/merge-values.ts";
import { type Row, timed } from "../row.ts";
import type { Stage } from "../stage.ts";
import { changed, documentOf, LARGE } from "./document.ts";
import { projectAt } from "./project.ts";

const ROUNDS = 30;

/**
 * A three-way merge of a document of 10 MB: one side changed a hundredth of its items, the other another hundredth.
 * Alone, and as the write of a whole document that comes late.
 */
export async function mergeRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 5 : ROUNDS;
  const base = documentOf(LARGE);
  const text = JSON.stringify(base);
  const times = { merge: [] as number[], floor: [] as number[], write: [] as number[] };
  const { berth } = await projectAt(stage);
  let { version } = await berth.sharedSet({ path: "", value: base });
  let before = base;
  for (let round = -1; round < rounds; round++) {
    const ours = changed(LARGE, before, 3 * round + 3);
    const theirs = changed(LARGE, before, 3 * round + 4);
    const merge = await took(() => {
      const result = mergeValues(before, ours, theirs, { policyAt: () => "three-way" });
      if (result.conflicts.length > 0) throw new Error("the two sides are apart");
    });
    const floor = await took(() => JSON.stringify(JSON.parse(text)));
    await berth.sharedSet({ path: "", value: ours, base: version, agent: "ours" });
    const write = await took(() => berth.sharedSet({ path: "", value: theirs, base: version, agent: "theirs" }));
    const now = await berth.sharedGet({});
    ({ version } = now);
    before = now.value;
    if (round < 0) continue;
    times.merge.push(merge);
    times.floor.push(floor);
    times.write.push(write);
  }
  berth.close();
  const row = { id: "merge", floorName: "JSON.parse and stringify of it" };
  const title = "three-way merge of 10 MB, 1 % changed";
  return [
    timed({ ...row, title, bar: 100, barOn: "value" }, times.merge, times.floor),
    timed({ ...row, title: `${title}, and written as a whole`, bar: null }, times.write, times.floor),
  ];
}

async function took(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
