import { join } from "node:path";
import { expect, test } from "vitest";
import { longCount } from "../support/long-count.ts";
import { sandbox } from "../support/sandbox.ts";
import { startStateWorker } from "../support/state-workers.ts";

const SECONDS = longCount("seconds in which 16 processes change one state", { small: 5, full: 30 });
const PROCESSES = 16;

test("[SIR-01] [SIR-06] [SIR-15] of 16 processes that change one state no accepted update is lost, and no version is given twice", async () => {
  const box = sandbox({ remote: false });
  box.git(box.hub, "worktree", "add", "--quiet", "../other", "-b", "other");
  const [berth, other] = [await box.open(box.hub), await box.open(join(box.dir, "other"))];
  await berth.getSession();
  const elsewhere = await other.setSession({ task: "elsewhere" });
  const workers = Array.from({ length: PROCESSES }, (_, i) => startStateWorker(box.hub, `w${i}`, SECONDS));
  for (const { ready } of workers) await ready;
  const told = await Promise.all(workers.map((worker) => worker.go()));
  const made = told.flat().toSorted(([a], [b]) => a - b);
  const all = made.map(([version]) => version);
  expect(all).toEqual(Array.from({ length: all.length }, (_, i) => i + 2));
  const { versions, warnings } = await berth.stateHistory({ limit: Number.MAX_SAFE_INTEGER });
  expect(warnings).toEqual([]);
  const kept = versions.toReversed().map(({ state }) => [state.version, state.activeTask]);
  expect(kept.slice(1)).toEqual(made);
  expect(await other.getSession()).toEqual(elsewhere);
  const conflicts = Number(/"lww"\} (\d+)/.exec((await berth.stateMetrics()).text)?.[1]);
  expect(conflicts).toBeGreaterThan(0);
  const each = told.map((one) => one.length);
  console.log(
    `${made.length} updates, ${conflicts} over another; by process ${Math.min(...each)} to ${Math.max(...each)}`,
  );
});
