import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { held, seen } from "../support/holder.ts";
import { commit, refusal, team, working } from "../support/session.ts";

test("[XCS-16] [XCS-03] a dead holder is named with the evidence, and who takes over goes on with all of its work", async () => {
  const { box, home, id, dir, holder, heir, kill } = await held();
  await holder.lock({ paths: ["src/a.txt"] });
  await holder.addTask({ title: "half done", role: "assistant" });
  await holder.takeTask({});
  expect(await seen(heir, id)).toMatchObject({ state: "live", holder: "agent one", unsaved: 1, next: null });
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
  await kill();
  expect(await seen(heir, id)).toMatchObject({ state: "dead", next: `berth recover ${id} --take-over` });
  const taken = await heir.recover({ id, takeOver: true });
  if (!("warnings" in taken)) throw new Error("nothing was taken over");
  expect(taken.claim).toMatchObject({ epoch: 2, holder: "heir" });
  const ref = box.git(home, "for-each-ref", "--format=%(refname)", `refs/berth/checkpoints/${id}/`).split("\n").at(-1);
  expect(taken.warnings.join(" ")).toContain(ref);
  expect(taken.warnings[1]).toContain(`left in ${dir} stays as it is, with what git ignores`);
  expect(box.git(home, "show", `${ref}:src/unsaved.txt`)).toBe("the last line");
  // What the warning says does what it says.
  const place = taken.workspace?.path ?? "";
  const command = /new workspace: (git restore .*)$/.exec(taken.warnings[0] ?? "")?.[1] ?? "false";
  execFileSync("sh", ["-c", command], { cwd: place });
  expect(readFileSync(join(place, "src/unsaved.txt"), "utf8")).toBe("the last line\n");
  expect(existsSync(join(place, "src/a.txt"))).toBe(existsSync(join(dir, "src/a.txt")));
  expect(box.git(place, "status", "--porcelain")).toBe("?? src/unsaved.txt");
  expect(await heir.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ agent: "heir" }] });
  expect((await heir.tasks({})).tasks).toMatchObject([{ title: "half done", agent: null }]);
  // It wakes after all: nothing of it counts any more.
  const stale = await refusal((await box.open(dir, "agent one")).land({}));
  expect(["NOT_HOLDER", "STALE_EPOCH"]).toContain(stale.code);
});

test("[XCS-16] whom others have taken for dead already is still known as the dead holder", async () => {
  const { id, holder, heir, kill } = await held();
  await kill();
  expect((await heir.agents({})).agents.map((agent) => agent.id)).toEqual([]);
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "dead" });
  expect(found.evidence.join(" ")).toContain("its process is gone");
  // What it does afterwards, it does alive.
  await holder.sharedSet({ path: "a", value: 1 });
  expect(await seen(heir, id)).toMatchObject({ state: "unknown" });
  expect(await heir.recover({ id, takeOver: true, force: true })).toMatchObject({ claim: { epoch: 2 } });
  expect(await seen(heir, id)).toMatchObject({ holder: "heir" });
});

test("[XCS-03] nobody is dead whose workspace moves, or for whose session something is published", async () => {
  const { box, id, dir, heir, kill } = await held();
  await kill();
  await heir.agents({});
  const later = Date.now() / 1000 + 60;
  utimesSync(join(dir, "src/unsaved.txt"), later, later);
  expect(await seen(heir, id)).toMatchObject({ state: "suspect" });
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
  utimesSync(join(dir, "src/unsaved.txt"), 1, 1);
  expect(await seen(heir, id)).toMatchObject({ state: "dead" });
  const before = process.env["GIT_COMMITTER_DATE"];
  process.env["GIT_COMMITTER_DATE"] = `@${Math.round(later)} +0000`;
  onTestFinished(() => {
    if (before === undefined) delete process.env["GIT_COMMITTER_DATE"];
    else process.env["GIT_COMMITTER_DATE"] = before;
  });
  box.git(dir, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", "a sign of life");
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "suspect" });
  expect(found.evidence.join(" ")).toContain("has a commit since");
});

test("[XCS-03] a holder that comes back is not the dead one any more", async () => {
  const { box, home, id, heir, kill } = await held();
  await kill();
  await heir.agents({});
  await (await box.open(home, "agent one")).register({ id: "agent one", pid: process.pid });
  expect(await seen(heir, id)).toMatchObject({ state: "live" });
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
});

test("[XCS-03] a healthy holder that is silent for a day is never shown to be dead", async () => {
  const { box, home, id, holder } = await held();
  const clock = { ...systemClock, now: () => Date.now() + 86_400_000 };
  const heir = await box.open(home, "heir", { clock });
  expect(await seen(heir, id)).toMatchObject({ state: "suspect" });
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
  expect((await heir.agents({})).agents).toMatchObject([{ id: "agent one", state: "suspect" }]);
  commit(box, (await working(holder, "Another")).dir, "x", { "src/x.txt": "x\n" });
});

test("[XCS-03] of a holder of which the live layer knows nothing, nothing is shown", async () => {
  const { box, home, berth } = await team();
  const { id } = await working(berth, "Unheard");
  await berth.leave({ id: "agent one" });
  const heir = await box.open(home, "heir");
  expect(await seen(heir, id)).toMatchObject({ state: "unknown" });
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
});

test("[INV-3] [XCS-16] a take-over goes on from the claim that it replaces, not from an older workspace that is here", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Twice taken");
  commit(box, dir, `[${id}] feat: old`, { "src/old.txt": "old\n" });
  const away = box.clone("away");
  const carol = await box.open(away, "carol");
  const taken = await carol.recover({ id, takeOver: true, force: true });
  if (!("warnings" in taken)) throw new Error("nothing was taken over");
  const place = taken.workspace?.path ?? "";
  commit(box, place, `[${id}] feat: carol`, { "src/carol.txt": "carol\n" });
  await (await box.open(place, "carol")).log({ text: "what carol did" });
  const heir = await box.open(home, "heir");
  expect(await seen(heir, id)).toMatchObject({ holder: "carol", unsaved: null });
  const again = await heir.recover({ id, takeOver: true, force: true });
  if (!("warnings" in again)) throw new Error("nothing was taken over");
  expect(readFileSync(join(again.workspace?.path ?? "", "src/carol.txt"), "utf8")).toBe("carol\n");
});

for (const [what, spoil] of [
  ["gone", (dir: string): void => rmSync(dir, { recursive: true })],
  ["without git's pointer", (dir: string): void => rmSync(join(dir, ".git"))],
  [
    "a file",
    (dir: string): void => {
      rmSync(dir, { recursive: true });
      writeFileSync(dir, "in its place\n");
    },
  ],
] as const)
  test(`[INV-5] [XCS-16] a session whose workspace is ${what} is shown and taken over, and nothing that is left is touched`, async () => {
    const { box, home, berth } = await team();
    const { id, dir } = await working(berth, "Spoiled");
    commit(box, dir, `[${id}] feat: done`, { "src/done.txt": "done\n" });
    box.write(dir, { "src/staged.txt": "staged\n", "src/loose.txt": "loose\n" });
    box.git(dir, "add", "src/staged.txt");
    const staged = box.git(dir, "rev-parse", ":src/staged.txt");
    spoil(dir);
    const heir = await box.open(home, "heir");
    expect(await seen(heir, id)).toMatchObject({ holder: "agent one", unsaved: null });
    const taken = await heir.recover({ id, takeOver: true, force: true });
    if (!("warnings" in taken)) throw new Error("nothing was taken over");
    const place = taken.workspace?.path ?? "";
    expect(place).not.toBe(dir);
    expect(taken.warnings.some((word) => word.includes(`left in ${dir} stays`))).toBe(existsSync(dir));
    expect(readFileSync(join(place, "src/done.txt"), "utf8")).toBe("done\n");
    expect(box.git(place, "branch", "--show-current")).toBe(`session/${id}`);
    // What was staged is in git's record still.
    expect(box.git(home, "cat-file", "blob", staged)).toBe("staged");
    expect(box.git(home, "--git-dir", join(home, ".git/worktrees", id), "ls-files", "--stage")).toContain(staged);
    if (what === "without git's pointer") expect(readFileSync(join(dir, "src/loose.txt"), "utf8")).toBe("loose\n");
    if (what === "a file") expect(readFileSync(dir, "utf8")).toBe("in its place\n");
    commit(box, place, `[${id}] feat: more`, { "src/more.txt": "more\n" });
    await (await box.open(place, "heir")).land({});
  });
