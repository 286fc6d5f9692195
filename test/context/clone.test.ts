import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { team, working } from "../support/session.ts";

const FILE = ".session/ACTIVE_SESSION.md";

test("[CTX-15] [CTX-19] [INV-8] in a clone, whose commits are its own, a context is followed, handed over and brought back", async () => {
  const { box, berth } = await team({ settings: { workspace: { kind: "clone" } } });
  const { id, dir } = await working(berth, "Apart");
  const there = await box.open(dir, "agent one");
  await there.contextSet({ key: "decisions", add: ["Tokens"] });
  box.write(dir, { "src/c.txt": "new\n" });
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: c`);
  const { entries } = await there.contextHistory({});
  expect(entries.map(({ commit }) => commit === null)).toEqual([false, false]);
  expect(entries[0]?.changes.map(({ key }) => key)).toContain("decisions");
  expect((await there.contextHandoff({})).markdown).toContain("Tokens");
  const whole = readFileSync(join(dir, FILE), "utf8");
  writeFileSync(join(dir, FILE), whole.slice(0, 100));
  expect(await there.contextRepair({})).toMatchObject({ from: "index" });
  expect(readFileSync(join(dir, FILE), "utf8")).toBe(whole);
});
