import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { photograph } from "../support/photograph.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";
import { commit, refusal, team, working } from "../support/session.ts";

interface Scene {
  readonly box: Sandbox;
  readonly home: string;
  readonly berth: Berth;
  readonly id: string;
  readonly dir: string;
}

async function scene(): Promise<Scene> {
  const { box, home, berth } = await team();
  return { box, home, berth, ...(await working(berth, "Kept")) };
}

/** Takes a checkpoint, lets everything be changed, and expects all of it back, here and in a new folder. */
async function comesBack(at: Scene, change: (dir: string) => void): Promise<string> {
  const { box, berth, dir, id } = at;
  const before = photograph(box, dir);
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  expect(photograph(box, dir)).toEqual(before);
  change(dir);
  expect(photograph(box, dir)).not.toEqual(before);
  const { ref } = taken.checkpoint;
  await berth.checkpointRestore({ ref });
  expect(photograph(box, dir)).toEqual(before);
  const other = join(box.dir, "elsewhere");
  await berth.checkpointRestore({ ref, to: other });
  const plan = ".session/SESSION.md";
  const files = { ...before.files, [plan]: before.files[plan]?.replace("444 ", "644 ") };
  expect(photograph(box, other)).toEqual({ ...before, files });
  return ref;
}

/** Git's own exit code says that there is a conflict. */
function tolerant(box: Sandbox, dir: string, ...args: string[]): void {
  expect(() => box.git(dir, ...args)).toThrow();
}

function twoSides({ box, dir }: Scene): void {
  commit(box, dir, "Base", { "both.txt": "base\n", "theirs.txt": "base\n", "deleted.txt": "base\n" });
  box.git(dir, "switch", "-q", "-c", "side");
  rmSync(join(dir, "deleted.txt"));
  commit(box, dir, "Side", { "both.txt": "side\n", "theirs.txt": "side\n" });
  box.git(dir, "switch", "-q", "-");
  commit(box, dir, "Own", { "both.txt": "own\n", "deleted.txt": "own\n" });
}

test("[XCS-19] a merge under way comes back with all stages of its conflicts, and goes on after everything else is pruned", async () => {
  const at = await scene();
  twoSides(at);
  tolerant(at.box, at.dir, "merge", "-q", "side");
  at.box.write(at.dir, { "both.txt": "half resolved\n" });
  const ref = await comesBack(at, (dir) => {
    at.box.git(dir, "merge", "--abort");
    at.box.git(dir, "branch", "-q", "-D", "side");
  });
  at.box.git(at.home, "gc", "-q", "--prune=now");
  expect(at.box.git(at.dir, "show", ":1:both.txt")).toBe("base");
  expect(at.box.git(at.dir, "show", ":3:both.txt")).toBe("side");
  at.box.git(at.dir, "add", "--all");
  at.box.git(at.dir, "commit", "-q", "--no-verify", "--no-edit");
  expect(at.box.git(at.dir, "rev-list", "--parents", "-1", "HEAD").split(" ")).toHaveLength(3);
  expect(at.box.git(at.home, "for-each-ref", "--format=%(refname)", ref)).toBe(ref);
});

test("[XCS-19] a rebase under way, and a pick, come back and go on", async () => {
  const at = await scene();
  twoSides(at);
  tolerant(at.box, at.dir, "rebase", "-q", "side");
  await comesBack(at, (dir) => at.box.git(dir, "rebase", "--abort"));
  at.box.write(at.dir, { "both.txt": "resolved\n", "deleted.txt": "own\n" });
  at.box.git(at.dir, "add", "both.txt", "deleted.txt");
  at.box.git(at.dir, "-c", "core.editor=true", "-c", "core.hooksPath=/dev/null", "rebase", "--continue");
  expect(readFileSync(join(at.dir, "both.txt"), "utf8")).toBe("resolved\n");
  rmSync(join(at.box.dir, "elsewhere"), { recursive: true });
  at.box.git(at.home, "worktree", "prune");
  at.box.git(at.dir, "switch", "-q", "-c", "third", "HEAD~2");
  commit(at.box, at.dir, "Third", { "both.txt": "third\n" });
  tolerant(at.box, at.dir, "cherry-pick", "side");
  await comesBack(at, (dir) => at.box.git(dir, "cherry-pick", "--abort"));
  expect(at.box.git(at.dir, "status")).toContain("cherry-picking");
}, 30_000);

test("[XCS-19] line ends are kept as they are on the disk, also where git sees no difference", async () => {
  const at = await scene();
  const { box, dir } = at;
  commit(box, dir, "Texts", { ".gitattributes": "*.txt text=auto\n*.ps1 text eol=crlf\n*.id ident\n" });
  commit(box, dir, "More", { "lf.txt": "a\nb\n", "mixed.txt": "a\nb\n", "run.ps1": "a\nb\n", "x.id": "$Id$\n" });
  box.write(dir, {
    "mixed.txt": "a\r\nb\n",
    "lf.txt": "a\r\nb\r\n",
    "run.ps1": "a\r\nb\n",
    "x.id": "$Id: by hand $\n",
  });
  box.git(dir, "add", "--renormalize", ".");
  box.git(dir, "add", "--all");
  expect(box.git(dir, "status", "--porcelain")).toBe("");
  await comesBack(at, (where) => {
    for (const name of ["lf.txt", "mixed.txt", "run.ps1", "x.id"]) rmSync(join(where, name));
    box.git(where, "checkout", "-q", "--", ".");
    box.write(where, { "lf.txt": "other\n" });
  });
  expect(readFileSync(join(dir, "mixed.txt"), "utf8")).toBe("a\r\nb\n");
});

test("[XCS-19] with autocrlf, and with a filter, the bytes on the disk are what is kept", async () => {
  const at = await scene();
  const { box, dir } = at;
  box.git(dir, "config", "core.autocrlf", "input");
  box.git(dir, "config", "filter.lower.clean", "tr A-Z a-z");
  commit(box, dir, "Texts", { "a.txt": "a\nb\n", "f.up": "ABC\n", ".gitattributes": "*.up filter=lower\n" });
  box.write(dir, { "a.txt": "a\r\nb\r\n", "f.up": "aBc\n" });
  expect(box.git(dir, "--no-optional-locks", "diff", "--name-only")).toBe("");
  const ref = await comesBack(at, () => box.write(dir, { "a.txt": "c\n", "f.up": "abc\n" }));
  expect(box.git(at.home, "cat-file", "blob", `${ref}:f.up`)).toBe("aBc");
});

test("[XCS-19] an edit of the same length in the second of its index is seen", async () => {
  const at = await scene();
  const { box, dir } = at;
  commit(box, dir, "One", { "racy.txt": "one\n" });
  const index = join(box.git(dir, "rev-parse", "--absolute-git-dir"), "index");
  // As if everything had happened within one second, at its end.
  const second = Math.floor(Date.now() / 1000) - 5;
  utimesSync(join(dir, "racy.txt"), second, second);
  box.git(dir, "update-index", "--refresh");
  writeFileSync(join(dir, "racy.txt"), "two\n");
  utimesSync(join(dir, "racy.txt"), second, second);
  utimesSync(index, second + 0.9996, second + 0.9996);
  const ref = await comesBack(at, () => rmSync(join(dir, "racy.txt")));
  expect(box.git(at.home, "show", `${ref}:racy.txt`)).toBe("two");
  expect(Math.floor(statSync(index).mtimeMs / 1000)).toBe(second);
});

test("[XCS-19] a sparse checkout stays sparse, also with a sparse or a split index", async () => {
  const at = await scene();
  const { box, dir } = at;
  commit(box, dir, "Folders", { "in/a.txt": "a\n", "out/b.txt": "b\n", "out/deep/c.txt": "c\n" });
  box.git(dir, "sparse-checkout", "set", "--cone", "--sparse-index", "in", ".session");
  box.write(dir, { "in/a.txt": "edited\n" });
  await comesBack(at, () => {
    box.git(dir, "checkout", "-q", "--", "in/a.txt");
    box.git(dir, "sparse-checkout", "disable");
  });
  expect(existsSync(join(dir, "out"))).toBe(false);
  rmSync(join(box.dir, "elsewhere"), { recursive: true });
  box.git(at.home, "worktree", "prune");
  box.git(dir, "sparse-checkout", "disable");
  box.git(dir, "update-index", "--split-index");
  box.write(dir, { "in/a.txt": "again\n" });
  box.git(dir, "add", "in/a.txt");
  await comesBack(at, () => box.git(dir, "reset", "-q", "--hard"));
}, 30_000);

test("[XCS-19] a submodule and a repository inside are named and left alone; where they moved, restoring refuses", async () => {
  const at = await scene();
  const { box, home, berth, id, dir } = at;
  const library = sandbox();
  box.git(dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.hub, "lib");
  commit(box, dir, "Add the library");
  box.git(dir, "init", "-q", "own");
  commit(box, join(dir, "own"), "Inside", { "x.txt": "x\n" });
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  const { ref } = taken.checkpoint;
  const { checkpoint } = await berth.checkpointShow({ ref });
  const inside = box.git(join(dir, "own"), "rev-parse", "HEAD");
  expect(checkpoint.nested).toEqual([
    { path: "lib", kind: "submodule", head: box.git(join(dir, "lib"), "rev-parse", "HEAD"), present: true },
    { path: "own", kind: "repository", head: inside, present: true },
  ]);
  expect(box.git(home, "ls-tree", "-r", "--name-only", ref)).not.toContain("own");
  box.write(dir, { "src/a.txt": "wrong\n" });
  await berth.checkpointRestore({ ref });
  expect(box.git(dir, "status", "--porcelain")).toBe("?? own/");
  await refusal(berth.checkpointRestore({ ref, to: join(box.dir, "new") }), "GATE_REFUSED");
  await berth.checkpointRestore({ ref, to: join(box.dir, "new"), leaveOut: true });
  commit(box, join(dir, "own"), "More", { "x.txt": "y\n" });
  const error = await refusal(berth.checkpointRestore({ ref }), "GATE_REFUSED");
  expect(error.message).toContain(`own at ${inside.slice(0, 10)}`);
});

test("[XCS-19] [INV-3] what no checkpoint holds is never written over: restoring refuses, names it, and changes nothing", async () => {
  const { box, berth, id, dir } = await scene();
  commit(box, dir, "Ignore", { ".gitignore": "*.log\n" });
  box.write(dir, { "notes.txt": "kept\n", "folder/in.txt": "kept\n" });
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  const { ref } = taken.checkpoint;
  rmSync(join(dir, "notes.txt"));
  rmSync(join(dir, "folder"), { recursive: true });
  box.write(dir, { "notes.txt/mine.log": "mine\n" });
  symlinkSync("src", join(dir, "folder"));
  writeFileSync(join(box.git(dir, "rev-parse", "--git-common-dir"), "info/exclude"), "folder\n", { flag: "a" });
  const before = photograph(box, dir);
  const error = await refusal(berth.checkpointRestore({ ref }), "CHECKOUT_OVERLAP");
  expect(error.facts["paths"]).toEqual(["folder", "notes.txt/mine.log"]);
  expect(photograph(box, dir)).toEqual(before);
  mkdirSync(join(box.dir, "full"));
  box.write(join(box.dir, "full"), { "a.txt": "mine\n" });
  await refusal(berth.checkpointRestore({ ref, to: join(box.dir, "full") }), "WOULD_LOSE_WORK");
});

test("[XCS-19] a folder that became a link to an empty one is a link", async () => {
  const at = await scene();
  commit(at.box, at.dir, "Folder", { "was/in.txt": "x\n" });
  rmSync(join(at.dir, "was"), { recursive: true });
  mkdirSync(join(at.dir, "void/in.txt"), { recursive: true });
  symlinkSync("void", join(at.dir, "was"));
  await comesBack(at, (dir) => rmSync(join(dir, "was")));
});

test("[XCS-19] names that are not UTF-8 come back", async () => {
  const at = await scene();
  const odd = Buffer.concat([Buffer.from(`${at.dir}/odd-`), Buffer.from([0xff, 0xfe])]);
  writeFileSync(odd, "odd\n");
  const taken = await at.berth.checkpoint({ id: at.id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  rmSync(odd);
  await at.berth.checkpointRestore({ ref: taken.checkpoint.ref });
  expect(readFileSync(odd, "utf8")).toBe("odd\n");
});

test("[XCS-19] a repository with SHA-256 has checkpoints as well", async () => {
  const box = sandbox();
  const home = join(box.dir, "sha256");
  box.git(box.dir, "init", "--quiet", "-b", "main", "--object-format=sha256", home);
  commit(box, home, "Start", { "README.md": "# P\n" });
  await (await box.open(home, "agent one")).init({});
  const berth = await box.open(home, "agent one");
  const { id, dir } = await working(berth, "Long names");
  commit(box, dir, "Files", { "a.txt": "a\n", "b/c.txt": "c\n" });
  box.write(dir, { "a.txt": "edited\n", "b/new.txt": "new\n" });
  box.git(dir, "add", "a.txt");
  await comesBack({ box, home, berth, id, dir }, () => box.git(dir, "reset", "-q", "--hard", "HEAD~1"));
});

test("[XCS-19] [INV-2] commits that were pushed never go out of their branch", async () => {
  const { box, home, berth, id, dir } = await scene();
  box.write(dir, { "loose.txt": "loose\n" });
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  const { ref } = taken.checkpoint;
  const kept = commit(box, dir, `[${id}] feat: more`, { "more.txt": "more\n" });
  await berth.log({ session: id, text: "Pushed." });
  const error = await refusal(berth.checkpointRestore({ ref }), "GATE_REFUSED");
  expect(error.hint).toContain(`berth checkpoint restore ${ref} --to DIR`);
  expect(box.git(home, "merge-base", "--is-ancestor", kept, `session/${id}`)).toBe("");
});
