import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStatus } from "../../src/git/status.ts";
import { seen } from "../support/holder.ts";
import { commit, refusal, team, working } from "../support/session.ts";

for (const [what, text] of [
  ["cut off", '{"version": 1, "session": "20'],
  ["of something else", "{}"],
] as const)
  test(`[INV-8] [XCS-16] a workspace whose mark is ${what} is told at its session, and stands in the way of no other`, async () => {
    const { box, home, berth } = await team();
    const bad = await working(berth, "Damaged");
    const good = await working(berth, "Sound");
    commit(box, bad.dir, `[${bad.id}] feat: done`, { "src/done.txt": "done\n" });
    box.write(bad.dir, { "src/unsaved.txt": "unsaved\n" });
    const mark = join(home, ".git/worktrees", bad.id, "berth.json");
    writeFileSync(mark, text);
    const heir = await box.open(home, "heir");
    const all = await heir.recover({});
    const shown = "sessions" in all ? all.sessions : [];
    expect(shown.map(({ id }) => id)).toEqual([bad.id, good.id]);
    expect(shown[0]?.evidence.join(" ")).toContain(`${mark} is damaged`);
    expect(shown[0]).toMatchObject({ unsaved: 1, holder: "agent one" });
    expect(shown[1]?.evidence.join(" ")).not.toContain("damaged");
    // Everybody else goes on.
    await working(heir, "Unhurt");
    await refusal(berth.land({ id: bad.id }), "UNREADABLE");
    await refusal(heir.uninit({}), "UNREADABLE");
    const doctor = (await heir.doctor({})).checks.find(({ name }) => name === "workspaces");
    expect(doctor).toMatchObject({ ok: false, detail: expect.stringContaining(mark) as unknown });
    await refusal(heir.recover({ id: bad.id, takeOver: true }), "GATE_REFUSED");
    const taken = await heir.recover({ id: bad.id, takeOver: true, force: true });
    if (!("warnings" in taken)) throw new Error("nothing was taken over");
    const place = taken.workspace?.path ?? "";
    expect(readFileSync(join(place, "src/done.txt"), "utf8")).toBe("done\n");
    const ref = /refs\/berth\/checkpoints\/\S+/.exec(taken.warnings.join(" "))?.[0].replace(/\.$/, "") ?? "none";
    expect(box.git(home, "show", `${ref}:src/unsaved.txt`)).toBe("unsaved");
    expect(readFileSync(join(bad.dir, "src/unsaved.txt"), "utf8")).toBe("unsaved\n");
    expect(readFileSync(mark, "utf8")).toBe(text);
    commit(box, place, `[${bad.id}] feat: more`, { "src/more.txt": "more\n" });
    await (await box.open(place, "heir")).land({});
  });

test("[INV-8] where git's pointer is gone from a workspace no verb speaks of the repository around it", async () => {
  const { box, home, berth } = await team();
  const cut = (dir: string): void => rmSync(join(dir, ".git"));
  const hollow = (dir: string): void => {
    cut(dir);
    mkdirSync(join(dir, ".git"));
  };
  for (const spoil of [cut, hollow]) {
    const { id, dir } = await working(berth, spoil === cut ? "Cut off" : "Hollowed out");
    box.write(dir, { "src/loose.txt": "loose\n" });
    spoil(dir);
    await expect(readStatus(berth.project.git, dir)).rejects.toThrow("not a git repository");
    const heir = await box.open(home, "heir");
    const shown = await seen(heir, id);
    expect(shown.unsaved).toBeNull();
    for (const verb of [
      () => berth.land({ id }),
      () => berth.checkpoint({ id }),
      () => berth.release({ id, reason: "x" }),
    ]) {
      const error = await refusal(verb());
      expect(error.message).not.toContain("main");
    }
    const doctor = (await heir.doctor({})).checks.find(({ name }) => name === "workspaces");
    expect(doctor).toMatchObject({ ok: false, fix: expect.stringContaining("git worktree repair") as unknown });
    await heir.recover({ id, takeOver: true, force: true });
    expect(readFileSync(join(dir, "src/loose.txt"), "utf8")).toBe("loose\n");
  }
});

test("[INV-3] [XCS-16] a session whose workspace is in the middle of a rebase is taken over, and the rebase cannot move its branch", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Half rebased");
  commit(box, dir, `[${id}] feat: one`, { "src/a.txt": "one\n" });
  const kept = commit(box, dir, `[${id}] feat: two`, { "src/a.txt": "two\n", "src/two.txt": "two\n" });
  box.git(dir, "switch", "--quiet", "--detach", "HEAD~2");
  const other = commit(box, dir, `[${id}] feat: other`, { "src/a.txt": "other\n" });
  box.git(dir, "switch", "--quiet", `session/${id}`);
  expect(() => box.git(dir, "rebase", "--quiet", other)).toThrow();
  const heir = await box.open(home, "heir");
  expect((await seen(heir, id)).unsaved).toBeGreaterThan(0);
  const taken = await heir.recover({ id, takeOver: true, force: true });
  if (!("warnings" in taken)) throw new Error("nothing was taken over");
  const place = taken.workspace?.path ?? "";
  expect(box.git(place, "branch", "--show-current")).toBe(`session/${id}`);
  expect(box.git(place, "merge-base", "--is-ancestor", kept, "HEAD")).toBe("");
  const before = box.git(home, "rev-parse", `session/${id}`);
  box.write(dir, { "src/a.txt": "solved\n" });
  box.git(dir, "add", "src/a.txt");
  const env = { ...process.env, GIT_EDITOR: "true" };
  const { spawnSync } = await import("node:child_process");
  for (let step = 0; step < 4; step += 1) spawnSync("git", ["rebase", "--skip"], { cwd: dir, env });
  expect(box.git(home, "rev-parse", `session/${id}`)).toBe(before);
  commit(box, place, `[${id}] feat: more`, { "src/more.txt": "more\n" });
  await (await box.open(place, "heir")).land({});
});
