import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { photograph } from "../support/photograph.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { commit, team, working } from "../support/session.ts";

/** Few names, so that files, folders and links meet in the same places. */
const name = fc.constantFrom("a", "b", "c", "ü x", "-d", "n\nl");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const content = fc.oneof(
  fc.constantFrom("", "one\n", "two\n", "a\r\nb\n", "\u0000\u0001"),
  fc.string({ maxLength: 20 }),
);

/** What somebody may do in a work tree. */
type Deed =
  | { readonly do: "write"; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly do: "link" | "folder" | "remove" | "add" | "intend" | "assume" | "skip"; readonly path: string }
  | { readonly do: "commit" | "unstage" };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      path,
      content,
      mode: fc.constantFrom(0o644, 0o755, 0o600),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom("link", "folder", "remove", "add", "intend", "assume", "skip"), path }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("commit", "unstage") }) },
);

function act(box: Sandbox, dir: string, deed: Deed): void {
  if (!("path" in deed)) {
    if (deed.do === "commit") quiet(() => commit(box, dir, "Random"));
    else box.git(dir, "reset", "-q");
    return;
  }
  const file = join(dir, "at", deed.path);
  const literal = `:(top,literal)at/${deed.path}`;
  if (deed.do === "add") return quiet(() => box.git(dir, "add", "--", literal));
  if (deed.do === "intend") return quiet(() => box.git(dir, "add", "--intent-to-add", "--", literal));
  if (deed.do === "assume" || deed.do === "skip") {
    const flag = deed.do === "assume" ? "--assume-unchanged" : "--skip-worktree";
    return quiet(() => box.git(dir, "update-index", flag, "--", `at/${deed.path}`));
  }
  if (deed.do === "remove") return quiet(() => rmSync(file, { recursive: true }));
  clear(dir, dirname(file));
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  if (deed.do === "folder") mkdirSync(file);
  else if (deed.do === "link") symlinkSync("a", file);
  else if (deed.do === "write") {
    writeFileSync(file, deed.content);
    chmodSync(file, deed.mode);
  }
}

/** Files and links where folders are needed go. */
function clear(dir: string, folder: string): void {
  if (folder === dir) return;
  clear(dir, dirname(folder));
  const there = lstatSync(folder, { throwIfNoEntry: false });
  if (there && !there.isDirectory()) rmSync(folder);
}

/** What git has no such path for is no deed. */
function quiet(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing was done.
  }
}

test("[XCS-19] any work tree comes back to the byte, here and in a new folder, and so does what was there instead", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Random");
  chmodSync(join(dir, ".session/SESSION.md"), 0o644);
  const start = box.git(dir, "rev-parse", "HEAD");
  const index = join(box.git(dir, "rev-parse", "--absolute-git-dir"), "index");
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25 }), fc.array(deed, { maxLength: 15 }), async (first, then) => {
      rmSync(join(dir, "at"), { recursive: true, force: true });
      rmSync(index);
      box.git(dir, "reset", "-q", "--hard", start);
      for (const one of first) act(box, dir, one);
      const before = photograph(box, dir);
      const taken = await berth.checkpoint({ id });
      if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
      expect(photograph(box, dir)).toEqual(before);
      for (const one of then.filter((each) => each.do !== "commit")) act(box, dir, one);
      const other = photograph(box, dir);
      const done = await berth.checkpointRestore({ ref: taken.checkpoint.ref });
      // Of files that are as git has them, git's own modes come back.
      expect(usual(photograph(box, dir))).toEqual(usual(before));
      const fresh = join(box.dir, `round-${round++}`);
      await berth.checkpointRestore({ ref: taken.checkpoint.ref, to: fresh });
      expect(usual(photograph(box, fresh))).toEqual(usual(before));
      const back = "restored" in done ? (done.restored.before?.ref ?? "") : "";
      await berth.checkpointRestore({ ref: back });
      expect(usual(photograph(box, dir))).toEqual(usual(other));
    }),
    { numRuns: 20 },
  );
}, 180_000);

function usual(picture: ReturnType<typeof photograph>): ReturnType<typeof photograph> {
  const files = Object.entries(picture.files).map(([file, what]) => [file, what.replace(/^600 /, "644 ")]);
  return { ...picture, files: Object.fromEntries(files) as Record<string, string> };
}
