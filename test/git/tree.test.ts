import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { gitEnvironment } from "../../src/git/environment.ts";
import { oid } from "../../src/git/names.ts";
import { openObjects } from "../../src/git/objects.ts";
import type { Git } from "../../src/git/run.ts";
import { editTree, entryAt, readTree, type TreeEntry } from "../../src/git/tree.ts";
import { sandbox } from "../support/sandbox.ts";

const EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

const name = fc.constantFrom("a", "b", "a.b", "a b", "ä", "a\nb", 'q"', "-x", "0", "a0", "é\t");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const edit = fc.tuple(path, fc.constantFrom("100644" as const, "100755" as const, "120000" as const, null));

/** What git's own index makes of the same edits, one after the other. */
function byGit(
  git: (input: string, ...args: string[]) => string,
  edits: readonly (readonly [string, string | null])[],
): string {
  for (const [at, mode] of edits) {
    if (mode === null) git(`0 ${"0".repeat(40)}\t${at}\0`, "update-index", "-z", "--index-info");
    else git("", "update-index", "--add", "--replace", "--cacheinfo", `${mode},${EMPTY_BLOB},${at}`);
  }
  return git("", "write-tree").trim();
}

test("[INV-3] trees edited in objects are those that git's own index makes of the same edits", async () => {
  const box = sandbox();
  const repo = join(box.dir, "first");
  const layer: Git = { dir: repo, env: gitEnvironment(process.env) };
  const objects = openObjects(layer);
  onTestFinished(() => objects.close());
  execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: repo, input: "" });
  let run = 0;
  const index = (): ((input: string, ...args: string[]) => string) => {
    const file = join(box.dir, `index-${run++}`);
    return (input, ...args) =>
      execFileSync("git", args, { cwd: repo, input, encoding: "utf8", env: { ...process.env, GIT_INDEX_FILE: file } });
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { maxLength: 5 }),
      fc.array(edit, { minLength: 1, maxLength: 5 }),
      async (base, edits) => {
        const git = index();
        const from = oid(byGit(git, base));
        // Edits of one call hold together: the last word on a path counts, and nothing stands below a file.
        const whole = new Map<string, TreeEntry | null>();
        const order: (readonly [string, string | null])[] = [];
        for (const [at, mode] of edits) {
          if ([...whole.keys()].some((k) => k === at || k.startsWith(`${at}/`) || at.startsWith(`${k}/`))) continue;
          whole.set(at, mode === null ? null : { mode, oid: oid(EMPTY_BLOB) });
          order.push([at, mode]);
        }
        // Removing what is a folder takes the whole folder: git's index needs its files named.
        const inside = git("", "ls-files", "-z").split("\0");
        const spelled = order.flatMap(([at, mode]): (readonly [string, string | null])[] =>
          mode === null ? [at, ...inside.filter((f) => f.startsWith(`${at}/`))].map((p) => [p, null]) : [[at, mode]],
        );
        const expected = byGit(git, spelled);
        expect(await editTree(layer, objects, from, whole)).toBe(expected);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test("[INV-3] removing a path below a file leaves the file; a folder put in place of a removed one starts empty", async () => {
  const box = sandbox({ files: { file: "x", "dir/a": "a", "dir/b": "b" } });
  const layer: Git = { dir: join(box.dir, "first"), env: gitEnvironment(process.env) };
  const objects = openObjects(layer);
  onTestFinished(() => objects.close());
  const base = oid(box.git(layer.dir, "rev-parse", "HEAD^{tree}"));
  expect(await editTree(layer, objects, base, new Map([["file/below", null]]))).toBe(base);
  expect(await editTree(layer, objects, base, new Map([["none/below", null]]))).toBe(base);
  const a = await entryAt(objects, base, "dir/a");
  const edited = await editTree(
    layer,
    objects,
    base,
    new Map([
      ["dir", null],
      ["dir/c", a],
    ]),
  );
  expect([...(await readTree(objects, `${edited}:dir`)).keys()]).toEqual(["c"]);
  for (const bad of ["", "/x", "a//b", "../x", "a/./b", ".git/config", "a/.GIT/x"]) {
    await expect(editTree(layer, objects, base, new Map([[bad, null]]))).rejects.toMatchObject({ code: "INVALID" });
  }
});

test("[INV-3] file names that are not UTF-8 keep their bytes in a tree that is edited beside them", async () => {
  const box = sandbox();
  const repo = join(box.dir, "first");
  const layer: Git = { dir: repo, env: gitEnvironment(process.env) };
  const objects = openObjects(layer);
  onTestFinished(() => objects.close());
  const input = Buffer.concat([
    Buffer.from(`100644 ${box.git(repo, "rev-parse", "HEAD:README.md")}\t`),
    Buffer.from("caf\xe9.txt\0", "latin1"),
  ]);
  execFileSync("git", ["update-index", "-z", "--add", "--index-info"], { cwd: repo, input });
  const base = oid(box.git(repo, "write-tree"));
  const readme = await entryAt(objects, base, "README.md");
  const added = await editTree(layer, objects, base, new Map([["ü/new", readme]]));
  expect([...(await readTree(objects, added)).keys()]).toContain("ü");
  expect(await editTree(layer, objects, added, new Map([["ü", null]]))).toBe(base);
});
