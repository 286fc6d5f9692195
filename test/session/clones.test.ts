import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, planned } from "../support/sandbox.ts";
import { claimed, commit, listed, refs, refusal, team } from "../support/session.ts";

for (const remote of [true, false]) {
  for (const kind of ["worktree", "clone"] as const) {
    const where = remote ? "with a hub" : "without a remote";
    test(`[ASP-08] [ASP-13] [ASP-17] [ASP-27] a ${kind} ${where} lands, syncs with others' work, and completes`, async () => {
      const { box, home, berth } = await team({ remote });
      const [id, other] = [await planned(berth, "Here"), await planned(berth, "There")];
      const dir = await claimed(berth, id, { workspace: kind });
      expect(dir).toBe(join(home, kind === "clone" ? ".sessions" : ".worktrees", id));
      expect(box.git(dir, "branch", "--show-current")).toBe(`session/${id}`);
      expect(box.git(dir, "rev-parse", "--is-shallow-repository")).toBe(String(kind === "clone"));
      expect(box.git(home, "status", "--porcelain")).toBe("?? .berth/\n?? .gitignore");
      const elsewhere = await claimed(berth, other, { workspace: kind });

      commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n", "src/a.txt": lines(20).replace("line 3", "third") });
      expect(await berth.land({ id })).toMatchObject({ landed: { base: "main" } });
      commit(box, elsewhere, `[${other}] fix: d`, {
        "src/d.txt": "d\n",
        "src/a.txt": lines(20).replace("line 15", "15th"),
      });
      await berth.complete({ id: other });
      commit(box, dir, `[${id}] feat: more`, { "src/c.txt": "cc\n" });
      expect(await berth.sync({ id })).toMatchObject({ merged: { changed: true } });
      expect(readFileSync(join(dir, "src/a.txt"), "utf8")).toBe(
        lines(20).replace("line 3", "third").replace("line 15", "15th"),
      );
      expect(await berth.sync({ id })).toMatchObject({ merged: { changed: false } });
      await berth.log({ text: "Nearly there", session: id });
      const done = await berth.complete({ id, tick: ["all"] });

      expect(done).toMatchObject({ workspaceRemoved: true, kept: [], warnings: [] });
      expect(existsSync(dir)).toBe(false);
      expect(listed(box, "main:src")).toEqual(["a.txt", "b.txt", "c.txt", "d.txt"]);
      expect(box.git(box.hub, "show", "main:src/c.txt")).toBe("cc");
      expect(refs(box)).not.toContain("session/");
      expect(box.git(home, "branch", "--list", "session/*")).toBe("");
      expect(box.git(box.hub, "log", "--format=%s", "main")).not.toContain("chore: open");
      expect(box.git(home, "fsck", "--no-dangling")).toBe("");
      if (!remote) expect(box.git(home, "status", "--porcelain")).toBe("?? .berth/\n?? .gitignore");
    });
  }
}

test("[ASP-08] a plain git fetch works in a clone from the start, and brings the session's branch once it is there", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Fetched");
  const dir = await claimed(berth, id, { workspace: "clone" });
  box.git(dir, "fetch");
  box.git(dir, "push", "--no-verify", "origin", "HEAD");
  box.git(dir, "fetch");
  expect(box.git(dir, "rev-parse", `refs/remotes/origin/session/${id}`)).toBe(box.git(dir, "rev-parse", "HEAD"));
});

test("[ASP-08] a clone's conflict is resolved in the clone after a sync, with git's own merge", async () => {
  const { box, berth } = await team();
  const [id, other] = [await planned(berth, "Here"), await planned(berth, "There")];
  const dir = await claimed(berth, id, { workspace: "clone" });
  const elsewhere = await claimed(berth, other);
  commit(box, dir, `[${id}] feat: a`, { "src/a.txt": lines(20).replace("line 3", "mine") });
  commit(box, elsewhere, `[${other}] feat: a`, { "src/a.txt": lines(20).replace("line 3", "theirs") });
  await berth.complete({ id: other });
  const conflict = await refusal(berth.sync({ id }), "MERGE_CONFLICT");
  expect(conflict.hint).toContain("git commit");
  expect(readFileSync(join(dir, "src/a.txt"), "utf8")).toContain("<<<<<<<");
  box.write(dir, { "src/a.txt": lines(20).replace("line 3", "both") });
  box.git(dir, "add", "src/a.txt");
  box.git(dir, "commit", "--quiet", "--no-verify", "--no-edit");
  expect(box.git(dir, "log", "-1", "--format=%s")).toBe(`[${id}] chore: sync with main`);
  expect(await berth.complete({ id })).toMatchObject({ workspaceRemoved: true });
  expect(box.git(box.hub, "show", "main:src/a.txt")).toContain("both");
});

test("[ASP-08] [ASP-17] a clone of a later claim, whose history is cut above the merge base, still syncs", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Again");
  const first = await claimed(berth, id, { workspace: "clone" });
  for (const n of [1, 2, 3]) commit(box, first, `[${id}] feat: ${n}`, { "src/c.txt": `${n}\n` });
  commit(box, first, `[${id}] feat: a`, { "src/a.txt": lines(20).replace("line 3", "mine") });
  await berth.release({ id, reason: "another day" });
  box.write(home, { "src/a.txt": lines(20).replace("line 3", "theirs") });
  box.git(home, "commit", "--quiet", "-m", "By hand", "--", "src");
  box.git(home, "push", "--quiet", "origin", "main");
  const dir = await claimed(berth, id, { workspace: "clone" });
  expect(readFileSync(join(dir, "src/c.txt"), "utf8")).toBe("3\n");
  await refusal(berth.sync({ id }), "MERGE_CONFLICT");
  expect(readFileSync(join(dir, "src/a.txt"), "utf8")).toMatch(/mine\n\|{7}.*\nline 3\n={7}\ntheirs/);
  expect(box.git(dir, "diff", "--name-only", "--diff-filter=U")).toBe("src/a.txt");
});

test("[ASP-08] a clone's remote is the hub: its branch can be pushed and the base fetched by hand", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "By hand");
  const dir = await claimed(berth, id, { workspace: "clone" });
  expect(box.git(dir, "remote", "get-url", "origin")).toBe(box.hub);
  const tip = commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  box.git(dir, "push", "--quiet", "--no-verify", "origin", `session/${id}`);
  box.git(dir, "fetch", "--quiet", "origin", "main");
  expect(box.git(box.hub, "rev-parse", `session/${id}`)).toBe(tip);
  const inside = await box.open(dir);
  expect(inside.project.caller.name).toBe("agent one");
  expect(await inside.complete({})).toMatchObject({ session: { state: "completed" } });
});

test("[ASP-08] the kind of workspace, its folder and the ledger's follow the settings", async () => {
  const { box, home, berth } = await team({
    settings: { workspace: { kind: "clone", clones: "rooms/clones" }, ledger: { path: "sessions" } },
  });
  const id = await planned(berth, "Set");
  expect(await claimed(berth, id)).toBe(join(home, "rooms/clones", id));
  expect(existsSync(join(home, "sessions/active", id, "SESSION.md"))).toBe(true);
  expect(box.git(home, "status", "--porcelain")).toBe("?? .berth/\n?? .gitignore");
});
