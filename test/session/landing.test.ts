import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { commitWork } from "../support/crash-worlds.ts";
import { lines, planned, type Sandbox, sandbox } from "../support/sandbox.ts";
import { ledgerFile, team, working } from "../support/session.ts";

interface At {
  readonly box: Sandbox;
  readonly berth: Berth;
  readonly id: string;
  readonly dir: string;
}

async function claimed(
  box: Sandbox,
  where: string,
  agent: string,
  title: string,
  workspace: "worktree" | "clone",
): Promise<At> {
  const berth = await box.open(where, agent);
  const id = await planned(berth, title);
  const result = await berth.claim({ id, workspace });
  if (!("workspace" in result) || !result.workspace) throw new Error("no workspace");
  return { box, berth, id, dir: result.workspace.path };
}

/** Twenty lines, some of them changed. */
function text(changes: Readonly<Record<number, string>>): string {
  return lines(20)
    .split("\n")
    .map((line, i) => changes[i + 1] ?? line)
    .join("\n");
}

const worlds = [
  { hub: "remote", workspace: "worktree" },
  { hub: "remote", workspace: "clone" },
  { hub: "local", workspace: "worktree" },
  { hub: "local", workspace: "clone" },
] as const;

for (const { hub, workspace } of worlds) {
  test(`[ASP-17] [INV-4] a session lands three times with edits, a revert and another's edit between, and completes: hub ${hub}, in a ${workspace}`, async () => {
    const box = sandbox({ remote: hub === "remote" });
    const first = hub === "remote" ? box.clone("one") : box.hub;
    const setup = await box.open(first, "planner");
    await setup.init({});
    const mine = await claimed(box, first, "mine", "Edit the lines", workspace);
    const other = await claimed(box, hub === "remote" ? box.clone("two") : first, "other", "Edit them too", workspace);
    const base = (): string => `${box.git(box.hub, "show", "main:src/a.txt")}\n`;

    commitWork(box, mine.dir, mine.id, { "src/a.txt": text({ 3: "mine", 10: "mine" }) });
    await mine.berth.land({ id: mine.id });
    expect(base()).toBe(text({ 3: "mine", 10: "mine" }));

    // Another session edits one of the very lines that were landed.
    await other.berth.sync({ id: other.id });
    commitWork(box, other.dir, other.id, { "src/a.txt": text({ 3: "mine", 10: "other", 17: "other" }) });
    await other.berth.land({ id: other.id });

    // A revert of what was landed, and an edit elsewhere: nothing of it may be dropped.
    expect(readFileSync(join(mine.dir, "src/a.txt"), "utf8")).toBe(text({ 3: "mine", 10: "mine" }));
    commitWork(box, mine.dir, mine.id, { "src/a.txt": text({ 10: "mine" }) });
    await mine.berth.land({ id: mine.id });
    expect(base()).toBe(text({ 10: "other", 17: "other" }));

    // The same line again, the other way round, on top of the other's.
    await mine.berth.sync({ id: mine.id });
    expect(readFileSync(join(mine.dir, "src/a.txt"), "utf8")).toBe(text({ 10: "other", 17: "other" }));
    commitWork(box, mine.dir, mine.id, { "src/a.txt": text({ 3: "mine", 10: "mine again", 17: "other" }) });
    await mine.berth.land({ id: mine.id });
    expect(base()).toBe(text({ 3: "mine", 10: "mine again", 17: "other" }));

    commitWork(box, mine.dir, mine.id, { "src/new.txt": "new\n" });
    await mine.berth.complete({ id: mine.id, tick: ["all"] });
    await other.berth.complete({ id: other.id, tick: ["all"] });
    expect(base()).toBe(text({ 3: "mine", 10: "mine again", 17: "other" }));
    expect(box.git(box.hub, "show", "main:src/new.txt")).toBe("new");
    const landings = box.git(box.hub, "log", "--format=%s", "--grep=Berth-Session", "main").split("\n");
    expect(landings).toHaveLength(5);
    if (hub === "local") expect(box.git(box.hub, "status", "--porcelain", "--untracked-files=no")).toBe("");
  }, 120_000);
}

test("[ASP-15] [INV-4] lines that two sessions changed apart are a conflict, and nothing changes", async () => {
  const box = sandbox();
  const first = box.clone("one");
  await (await box.open(first, "planner")).init({});
  const mine = await claimed(box, first, "mine", "Edit the lines", "worktree");
  const other = await claimed(box, box.clone("two"), "other", "Edit them too", "worktree");
  commitWork(box, mine.dir, mine.id, { "src/a.txt": text({ 3: "mine" }) });
  commitWork(box, other.dir, other.id, { "src/a.txt": text({ 3: "other" }) });
  await other.berth.land({ id: other.id });
  const before = box.git(box.hub, "for-each-ref");
  await expect(mine.berth.land({ id: mine.id })).rejects.toMatchObject({ code: "MERGE_CONFLICT" });
  expect(box.git(box.hub, "for-each-ref")).toBe(before);
}, 60_000);

test("[INV-10] who waited in the landing queue and then cannot land gives the place up", async () => {
  const box = sandbox();
  const first = box.clone("one");
  await (await box.open(first, "planner")).init({});
  const ahead = await claimed(box, first, "ahead", "Stand in the queue", "worktree");
  const mine = await claimed(box, box.clone("two"), "mine", "Land nothing", "worktree");
  commitWork(box, mine.dir, mine.id, { "src/a.txt": text({ 3: "mine" }) });
  const ledger = join(box.dir, "ledger");
  box.git(box.dir, "clone", "-q", "-b", "berth/ledger", box.hub, ledger);
  box.write(ledger, { "landing.queue": `${ahead.id}:1:${Math.floor(Date.now() / 1000) + 3}\n` });
  box.git(ledger, "add", "landing.queue");
  box.git(ledger, "commit", "-q", "-m", "A place that expires");
  box.git(ledger, "push", "-q", "origin", "HEAD:berth/ledger");
  await expect(mine.berth.land({ id: mine.id, verify: "exit 1" })).rejects.toMatchObject({ code: "VERIFY_FAILED" });
  const said = box.git(box.hub, "log", "--format=%s", "berth/ledger").split("\n");
  expect(said).toContain(`[${mine.id}] Take a place in the landing queue`);
  expect(said[0]).toBe(`[${mine.id}] Leave the landing queue`);
  expect(box.git(box.hub, "ls-tree", "--name-only", "berth/ledger")).not.toContain("landing.queue");
}, 60_000);

test("[INV-10] who is about to land goes first; one who died there holds nobody up for longer than ten seconds", async () => {
  const { box, home, berth } = await team();
  const dead = await working(berth, "Was about to land");
  const id = await planned(berth, "Comes later");
  const ledger = join(home, "_AGENTS/sessions");
  const place = `${dead.id}:1:${Math.floor(Date.now() / 1000) + 600}:ready\n`;
  box.write(ledger, { "landing.queue": place });
  box.git(ledger, "add", "landing.queue");
  box.git(ledger, "commit", "--quiet", "-m", "Next to land");
  box.git(ledger, "push", "--quiet", "origin", "HEAD:berth/ledger");
  let slept = 0;
  const clock = {
    now: () => Date.now() + slept,
    random: () => 0.5,
    sleep: (ms: number) => {
      slept += ms;
      return Promise.resolve();
    },
  };
  expect(await (await box.open(home, "later", { clock })).claim({ id })).toMatchObject({ claim: { epoch: 1 } });
  expect(slept).toBeGreaterThan(5000);
  expect(slept).toBeLessThan(12_000);
  expect(ledgerFile(box, "landing.queue")).toBe(place.trim());
});
