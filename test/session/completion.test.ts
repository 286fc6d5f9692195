import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, listed, refs, refusal, team, working } from "../support/session.ts";

test("[ASP-13] the final patch brings the base from before to the landed tree, binary files and modes included", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Patch");
  box.write(dir, { "bin/run": "#!/bin/sh\n", "data.bin": "\0\u0001\u0002".repeat(500), "ünï/spa ce.txt": "x\n" });
  box.git(dir, "update-index", "--add", "--chmod=+x", "bin/run");
  box.git(dir, "rm", "--quiet", "src/b.txt");
  commit(box, dir, `[${id}] feat: all kinds`, { "src/a.txt": lines(20).replace("line 3", "changed") });
  const before = box.git(box.hub, "rev-parse", "main");
  const done = await berth.complete({ id, tick: ["all"] });
  expect(done).toMatchObject({ patch: `completed/${id}/${id}.patch`, workspaceRemoved: true });
  box.git(box.dir, "clone", "--quiet", box.hub, "fresh");
  const fresh = join(box.dir, "fresh");
  box.git(fresh, "checkout", "--quiet", before);
  box.write(box.dir, { "final.patch": `${ledgerFile(box, `completed/${id}/${id}.patch`)}\n` });
  box.git(fresh, "apply", "--index", "../final.patch");
  expect(box.git(fresh, "write-tree")).toBe(box.git(box.hub, "rev-parse", "main^{tree}"));
  expect(box.git(home, "for-each-ref", "refs/heads/session", "refs/remotes/origin/session")).toBe("");
});

test("[ASP-13] base, folder and lock line move in one publication, with the squash's parent the old base", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Atomic");
  commit(box, dir, `[${id}] feat: one`, { "src/c.txt": "1\n" });
  commit(box, dir, `[${id}] fix: two`, { "src/c.txt": "2\n" });
  const [base, ledger] = [box.git(box.hub, "rev-parse", "main"), box.git(box.hub, "rev-parse", "berth/ledger")];
  const tip = box.git(dir, "rev-parse", "HEAD");
  await berth.complete({ id });
  expect(box.git(box.hub, "rev-parse", "main~1")).toBe(base);
  const parents = box.git(box.hub, "rev-parse", "berth/ledger^1", "berth/ledger^2").split("\n");
  expect(parents).toEqual([ledger, tip]);
  expect(box.git(box.hub, "log", "-1", "--format=%s", "berth/ledger")).toBe(`[${id}] Complete session`);
  expect(ledgerFile(box, "sessions.lock")).toBe("");
  expect(listed(box, `berth/ledger:completed/${id}`)).toEqual(
    [
      ".session-env",
      `${id}.patch`,
      "ACTIVE_SESSION.md",
      "SESSION.md",
      "active-plan.md",
      "claim.yaml",
      "subsessions.md",
      "worklog.md",
    ].sort(),
  );
});

test("[ASP-13] what is not committed stops a completion, or is committed by it when that is asked for", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Rest");
  box.write(dir, { "src/c.txt": "c\n", "README.md": "# Changed\n" });
  box.git(dir, "add", "README.md");
  const before = refs(box);
  const error = await refusal(berth.complete({ id }), "DIRTY");
  expect(error.facts["files"]).toEqual(["README.md", "src/c.txt"]);
  expect(error.hint).toContain("--commit");
  expect(await berth.complete({ id, commit: true, dryRun: true })).toHaveProperty("plan");
  expect(box.git(dir, "status", "--porcelain")).toContain("src/c.txt");
  expect(refs(box)).toBe(before);
  await berth.complete({ id, commit: true, message: "fix(api): the rest" });
  expect(box.git(box.hub, "log", "-1", "--format=%s", "main")).toBe(`[${id}] fix(api): the rest`);
  expect(box.git(box.hub, "show", "main:src/c.txt")).toBe("c");
});

test("[ASP-13] a session with nothing to land completes all the same, and running it again changes nothing", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Nothing");
  const main = box.git(box.hub, "rev-parse", "main");
  expect(await berth.complete({ id, keepWorkspace: true })).toMatchObject({ landed: null, workspaceRemoved: false });
  expect(box.git(box.hub, "rev-parse", "main")).toBe(main);
  const before = refs(box);
  expect(await berth.complete({ id })).toMatchObject({ session: { state: "completed" }, workspaceRemoved: true });
  expect(refs(box)).toBe(before);
  expect(existsSync(dir)).toBe(false);
  const stranger = await box.open(box.clone("other"), "agent two");
  await refusal(stranger.complete({ id }), "WRONG_STATE");
});

test("[ASP-15] a conflict changes nothing, names files, hunks and the landed session, and is noted; sync resolves it", async () => {
  const { box, berth } = await team();
  const [id, other] = [await planned(berth, "Mine"), await planned(berth, "Theirs")];
  const dir = await claimed(berth, id);
  const elsewhere = await claimed(berth, other);
  commit(box, elsewhere, `[${other}] feat: a`, { "src/a.txt": lines(20).replace("line 3\n", "theirs\n") });
  box.git(elsewhere, "rm", "--quiet", "src/b.txt");
  commit(box, elsewhere, `[${other}] feat: b goes`);
  await berth.complete({ id: other });
  commit(box, dir, `[${id}] feat: a`, {
    "src/a.txt": lines(20).replace("line 3\n", "mine\n"),
    "src/b.txt": lines(20).replace("line 9\n", "mine\n"),
  });
  const [main, ledger] = [box.git(box.hub, "rev-parse", "main"), box.git(box.hub, "rev-parse", "berth/ledger")];
  const error = await refusal(berth.complete({ id }), "MERGE_CONFLICT");
  expect(error.message).toContain(`src/a.txt (with ${other})`);
  expect(error.hint).toContain(`berth sync ${id}`);
  const files = error.facts["files"] as { path: string; kind: string; hunks: unknown[]; with: { session: string }[] }[];
  expect(files.map((f) => f.path)).toEqual(["src/a.txt", "src/b.txt"]);
  expect(files[0]?.hunks).toEqual([{ line: 3, base: "theirs\n", original: "line 3\n", session: "mine\n" }]);
  expect(files.map((f) => f.with[0]?.session)).toEqual([other, other]);
  expect(files[1]?.kind).toContain("modify/delete");
  expect(box.git(box.hub, "rev-parse", "main")).toBe(main);
  expect(box.git(box.hub, "rev-parse", "berth/ledger")).toBe(ledger);
  expect((await berth.show({ id, fetch: true })).session.state).toBe("active");
  const worklog = readFileSync(join(dir, ".session/worklog.md"), "utf8");
  expect(worklog).toMatch(
    new RegExp(`Landing conflicts with the base branch\\n\\n- src/a.txt \\(.*\\), with ${other}`),
  );
  expect(box.git(dir, "status", "--porcelain")).toBe("");

  const syncing = await refusal(berth.sync({ id }), "MERGE_CONFLICT");
  expect(syncing.facts).toMatchObject({ merging: true, workspace: dir });
  box.write(dir, { "src/a.txt": lines(20).replace("line 3\n", "both\n") });
  box.git(dir, "rm", "--quiet", "src/b.txt");
  box.git(dir, "add", "src/a.txt");
  box.git(dir, "commit", "--quiet", "--no-edit");
  await expect(berth.complete({ id })).resolves.toMatchObject({
    session: { state: "completed" },
    workspaceRemoved: true,
  });
  expect(box.git(box.hub, "show", "main:src/a.txt")).toContain("both");
  expect(ledgerFile(box, `completed/${id}/worklog.md`)).toContain("Landing conflicts");
});
