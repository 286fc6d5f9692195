import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { photograph } from "../support/photograph.ts";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, team } from "../support/session.ts";

/** A workspace in every state that a file can be in. */
function disorder(box: Sandbox, dir: string): void {
  commit(box, dir, "Files of every kind", {
    "kind/edited.txt": "old\n",
    "kind/staged.txt": "old\n",
    "kind/both.txt": "old\n",
    "kind/gone.txt": "old\n",
    "kind/removed.txt": "old\n",
    "kind/tool.sh": "#!/bin/sh\n",
    "kind/becomes-link": "old\n",
    "kind/becomes-folder": "old\n",
    "folder/becomes/file.txt": "old\n",
    "alone/in-folder.txt": "old\n",
    "assumed.txt": "old\n",
    "quiet.txt": "old\n",
    ".gitignore": "*.log\nbuild/\n",
  });
  box.write(dir, {
    "kind/edited.txt": "new\n",
    "kind/staged.txt": "new\n",
    "kind/both.txt": "staged\n",
    "ünï cödé/new file.txt": "untracked\n",
    "deep/er/and/deeper.txt": "untracked\n",
    "build/out.o": "ignored\n",
    "debug.log": "ignored\n",
    "intended.txt": "intended\n",
    "assumed.txt": "unseen edit\n",
    "quiet.txt": "unseen edit\n",
    secret: "s\n",
  });
  box.git(dir, "add", "kind/staged.txt", "kind/both.txt");
  box.git(dir, "add", "--intent-to-add", "intended.txt");
  box.git(dir, "update-index", "--assume-unchanged", "assumed.txt");
  box.git(dir, "update-index", "--skip-worktree", "quiet.txt");
  box.git(dir, "rm", "-q", "kind/removed.txt");
  box.write(dir, { "kind/both.txt": "edited after\n" });
  for (const path of [
    "kind/gone.txt",
    "kind/becomes-link",
    "kind/becomes-folder",
    "folder/becomes",
    "alone/in-folder.txt",
  ])
    rmSync(join(dir, path), { recursive: true });
  symlinkSync("../nowhere", join(dir, "kind/becomes-link"));
  symlinkSync("kind", join(dir, "link-to-folder"));
  box.write(dir, { "kind/becomes-folder/inside.txt": "untracked\n", "folder/becomes": "a file\n" });
  chmodSync(join(dir, "kind/tool.sh"), 0o755);
  chmodSync(join(dir, "secret"), 0o600);
  mkdirSync(join(dir, "empty/of all/things"), { recursive: true });
}

async function keep(berth: Berth, id: string): Promise<string> {
  const taken = await berth.checkpoint({ id, message: "as it is" });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  expect(taken.warnings).toEqual([]);
  return taken.checkpoint.ref;
}

for (const kind of ["worktree", "clone"] as const) {
  test(`[XCS-19] [INV-3] a checkpoint of a ${kind} changes nothing, and brings everything back to the byte`, async () => {
    const { box, home, berth } = await team();
    const id = await planned(berth, "Kept");
    const dir = await claimed(berth, id, { workspace: kind });
    disorder(box, dir);
    const before = photograph(box, dir);
    const gitDir = box.git(dir, "rev-parse", "--absolute-git-dir");
    const index = lstatSync(join(gitDir, "index")).mtimeMs;
    const ref = await keep(berth, id);
    expect(photograph(box, dir)).toEqual(before);
    expect(lstatSync(join(gitDir, "index")).mtimeMs).toBe(index);
    expect(box.git(home, "show", `${ref}:kind/both.txt`)).toBe("edited after");
    expect(box.git(home, "show", `${ref}^2:staged/kind/both.txt`)).toBe("staged");
    expect(box.git(home, "ls-tree", "-r", "--name-only", ref)).not.toContain("debug.log");

    box.git(dir, "reset", "-q", "--hard");
    for (const path of ["ünï cödé", "deep", "empty", "secret", "link-to-folder", "kind", "intended.txt"])
      rmSync(join(dir, path), { recursive: true, force: true });
    const wreck = commit(box, dir, "Something else", { "kind/edited.txt": "wrong\n", deep: "a file now\n" });
    box.write(dir, { "wrong/loose.txt": "loose\n" });
    const done = await berth.checkpointRestore({ ref });
    if (!("restored" in done)) throw new Error("a dry run was not asked for");
    expect(photograph(box, dir)).toEqual(before);
    expect(box.git(home, "show", `${done.restored.before?.ref}:wrong/loose.txt`)).toBe("loose");
    expect(box.git(home, "rev-parse", `${done.restored.before?.ref}^1`)).toBe(wreck);
    box.git(home, "fsck", "--connectivity-only");

    const again = await berth.checkpointRestore({ ref: done.restored.before?.ref ?? "" });
    expect(again).toMatchObject({ restored: { checkpoint: done.restored.before?.ref } });
    expect(box.git(dir, "rev-parse", "HEAD")).toBe(wreck);
    expect(readFileSync(join(dir, "wrong/loose.txt"), "utf8")).toBe("loose\n");
    expect(existsSync(join(dir, "empty"))).toBe(false);

    const other = join(box.dir, "elsewhere");
    await berth.checkpointRestore({ ref, to: other });
    const ignored = ["build", "debug.log"];
    const there = photograph(box, other, { without: ignored });
    // Of files that are as git has them, git's own modes come back.
    const plan = ".session/SESSION.md";
    const files = { ...withoutPaths(before.files, ignored), [plan]: before.files[plan]?.replace("444 ", "644 ") };
    expect(there).toEqual({ ...before, files });
  });
}

function withoutPaths(files: Readonly<Record<string, string>>, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => !paths.some((path) => name === path || name.startsWith(`${path}/`))),
  );
}
