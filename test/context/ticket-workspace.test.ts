import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { claimed, commit, refusal, team } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

const BRANCH = "phase/training_142";

/** A ticket whose gate is open. */
async function ready(
  options: Parameters<typeof team>[0] = {},
): Promise<Awaited<ReturnType<typeof team>> & { dir: string; there: Berth }> {
  const made = await team(options);
  const { dir } = await opened(made.berth);
  const there = await made.box.open(dir, "agent one");
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  return { ...made, dir, there };
}

for (const remote of [true, false]) {
  test(`[TKT-02] [INV-3] closing removes the workspace where it is asked for; the branch stays, ${remote ? "with" : "without"} a remote`, async () => {
    const { box, home, dir, there } = await ready({ remote });
    commit(box, dir, "[training_142] feat: train", { "src/model.txt": "model\n" });
    const done = await closed(there, { removeWorkspace: true });
    expect(done).toMatchObject({ workspaceRemoved: true, kept: [], next: { ticket: { name: "validation_142" } } });
    expect(existsSync(dir)).toBe(false);
    expect(box.git(home, "worktree", "list")).not.toContain("training_142");
    for (const place of [home, box.hub]) expect(box.git(place, "rev-parse", BRANCH)).toBe(done.commit);
    expect(box.git(box.hub, "show", `${BRANCH}:src/model.txt`)).toBe("model");
  });
}

test("[TKT-02] without the word it stays, doctor tells of it, and it goes from anywhere by its name", async () => {
  const { box, home, berth, dir, there } = await ready();
  const finding = async (): Promise<string> =>
    (await berth.doctor({})).checks.find(({ name }) => name === "tickets")?.detail ?? "";
  expect(await finding()).toBe("1 workspaces of tickets");
  expect(await closed(there)).toMatchObject({ workspaceRemoved: false, kept: [] });
  expect(existsSync(dir)).toBe(true);
  expect(await finding()).toContain("berth ticket close --ticket training_142 --remove-workspace");
  const home2 = await box.open(home, "agent one");
  const gone = await closed(home2, { ticket: "training_142", removeWorkspace: true });
  expect(gone).toMatchObject({ workspaceRemoved: true, next: { ticket: { name: "validation_142" } } });
  expect(existsSync(dir)).toBe(false);
  expect(await finding()).toBe("0 workspaces of tickets");
  expect(await closed(home2, { ticket: "training_142", removeWorkspace: true })).toMatchObject({
    workspaceRemoved: false,
    kept: [],
  });
});

test("[INV-3] what would be lost keeps it: files, ignored files, an operation under way; what Berth brought does not", async () => {
  const { box, home } = await team({
    files: { ".gitignore": "*.local\nout/\n", ".worktreeinclude": "env.local\n" },
    settings: { workspace: { copy: ["env.local"] } },
  });
  writeFileSync(join(home, "env.local"), "a\n");
  const made = await opened(await box.open(home, "agent one"));
  const there = await box.open(made.dir, "agent one");
  expect(existsSync(join(made.dir, "env.local"))).toBe(true);
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  box.write(made.dir, { "loose.txt": "loose\n", "out/result": "of hours\n" });
  const done = await closed(there, { removeWorkspace: true });
  expect(done.workspaceRemoved).toBe(false);
  expect(done.kept.join()).toMatch(/loose\.txt.*out\/result/);
  expect(done.kept.join()).not.toContain("env.local");
  box.git(made.dir, "clean", "-qfd");
  box.git(made.dir, "clean", "-qfdX", "out");
  expect(await closed(there, { removeWorkspace: true })).toMatchObject({ workspaceRemoved: true });
});

test("[INV-3] a checkout that somebody else made of the branch stays, and so does a session's workspace", async () => {
  const { box, home, berth } = await team();
  const waits = await opened(berth, { noWorkspace: true });
  const own = join(box.dir, "own");
  box.git(home, "branch", "-q", BRANCH, waits.commit);
  box.git(home, "worktree", "add", "-q", own, BRANCH);
  const there = await box.open(own, "agent one");
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  const done = await closed(there, { removeWorkspace: true });
  expect(done.kept.join()).toMatch(/Berth did not make it/);
  expect(existsSync(own)).toBe(true);
  const { session } = await opened(berth, { issue: "7", session: true });
  const dir = await claimed(berth, session?.id ?? "");
  const inside = await box.open(dir, "agent one");
  const error = await refusal(inside.ticketClose({ removeWorkspace: true }), "USAGE");
  expect(error.hint).toContain("berth complete");
});
