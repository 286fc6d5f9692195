import { join } from "node:path";
import { expect, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { planned, sandbox } from "../support/sandbox.ts";

test("[ASP-18] drift holds the frozen plan against criteria, files, subsessions and time, as facts and as Markdown", async () => {
  const box = sandbox();
  const clone = box.clone("one");
  let now = Date.parse("2026-03-01T08:00:00Z");
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve(), random: () => 0.5 };
  const berth = await box.open(clone, "agent", { clock });
  await berth.init({});
  const id = await planned(berth, "Measure twice", {
    criteria: ["It is measured", "It is cut"],
    paths: ["src/a.txt", "docs/**"],
    notes: ["Estimate: 3h"],
  });
  await expect(berth.drift({ id })).rejects.toMatchObject({ code: "WRONG_STATE" });
  await berth.claim({ id });
  const workspace = join(clone, ".worktrees", id);
  box.write(workspace, { "src/a.txt": "measured\n", "src/extra.txt": "not foreseen\n" });
  box.git(workspace, "add", "src");
  box.git(workspace, "commit", "--quiet", "-m", `[${id}] feat: measure`);
  const child = await berth.subsession({ title: "Sharpen the saw", session: id });
  now += 5 * 3_600_000;
  await berth.complete({ id, tick: [1] });

  const drift = await berth.drift({ id });
  expect(drift.criteria).toEqual([
    { text: "It is measured", done: true, added: false },
    { text: "It is cut", done: false, added: false },
  ]);
  expect(drift.files).toMatchObject({
    planned: ["src/a.txt", "docs/**"],
    touched: ["src/a.txt", "src/extra.txt"],
    unplanned: ["src/extra.txt"],
    untouched: ["docs/**"],
  });
  expect(drift.subsessions).toEqual([{ id: child.session.id, title: "Sharpen the saw", state: "drafting" }]);
  expect(drift.time).toMatchObject({ plannedMs: 3 * 3_600_000, usedMs: 5 * 3_600_000, landings: 1 });
  expect(drift.planChanged).toBe(false);
  for (const said of [
    "1 of 2 met",
    "src/extra.txt (not foreseen)",
    "docs/** (foreseen, not touched)",
    "planned: 3 h",
    "used: 5 h",
  ]) {
    expect(drift.markdown).toContain(said);
  }
});
