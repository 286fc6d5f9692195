import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lines, type Sandbox } from "../support/sandbox.ts";
import { pairsIn, scene } from "./scene.ts";

const FILES = {
  "README.md": "# Project\n",
  "content.ts": `function login() {\n${lines(9).replaceAll("line", "  line")}}\n`,
  "heading.md": "One\n=======\n\nTwo\n=======\n",
  "deleted.txt": lines(20),
  "renamed.txt": lines(30).replaceAll("line", "renamed"),
  "twice.txt": lines(30).replaceAll("line", "twice"),
  "clean.txt": lines(40),
  "list.txt": "a\n",
  "bytes.bin": "\0one",
  link: "a file\n",
  "folder/in.txt": "in\n",
  ".gitattributes": "list.txt merge=union\n",
};

function change(box: Sandbox, dir: string, who: "a" | "b"): void {
  const put = (path: string, text: string): void => box.write(dir, { [path]: text });
  put("content.ts", FILES["content.ts"].replace("line 3\n", `line of ${who}\n`));
  put("heading.md", FILES["heading.md"].replace("Two", `Two of ${who}`));
  put("clean.txt", FILES["clean.txt"].replace(who === "a" ? "line 2\n" : "line 30\n", `line of ${who}\n`));
  put("list.txt", `a\n${who}\n`);
  put("bytes.bin", `\0${who}`);
  put("added.txt", `added by ${who}\n`);
  put("same.txt", "added by both\n");
  put("mode.sh", "echo\n");
  if (who === "a") chmodSync(join(dir, "mode.sh"), 0o755);
  if (who === "a") rmSync(join(dir, "deleted.txt"));
  else put("deleted.txt", FILES["deleted.txt"].replace("line 4\n", "line of b\n"));
  // One renames, the other changes: both go together where they change different lines.
  if (who === "a") renameSync(join(dir, "renamed.txt"), join(dir, "new-name.txt"));
  put(who === "a" ? "new-name.txt" : "renamed.txt", FILES["renamed.txt"].replace("renamed 7\n", `renamed by ${who}\n`));
  renameSync(join(dir, "twice.txt"), join(dir, `twice-${who}.txt`));
  rmSync(join(dir, "link"));
  symlinkSync(`to-${who}`, join(dir, "link"));
  if (who === "a") {
    rmSync(join(dir, "folder"), { recursive: true });
    put("folder", "a file now\n");
  } else put("folder/in.txt", "in b\n");
}

test("[CFL-01] contents, deletions, renames, modes, binaries, links and folders are told by kind, with lines of both sides", async () => {
  const { box, one, alpha, beta } = await scene({ remote: false, files: FILES });
  change(box, alpha.dir, "a");
  change(box, beta.dir, "b");
  const found = await one.conflicts({});
  expect(found.unknown).toEqual([]);
  expect(found.sessions.flatMap(({ notes }) => notes)).toEqual([]);
  const [pair] = found.pairs;
  expect(pair).toMatchObject({ a: alpha.id, b: beta.id, agents: { a: "agent one", b: "agent two" } });
  const kinds = Object.fromEntries((pair?.conflicts ?? []).map(({ path, kind }) => [path, kind]));
  expect(kinds).toMatchObject({
    "content.ts": "content",
    "heading.md": "content",
    "deleted.txt": "modify/delete",
    "new-name.txt": "content",
    "bytes.bin": "binary",
    "added.txt": "add/add",
    "mode.sh": "mode",
    link: "symlink",
    "twice.txt": "rename/rename",
  });
  expect(Object.keys(kinds).some((path) => path.startsWith("folder"))).toBe(true);
  for (const path of ["clean.txt", "list.txt", "same.txt"]) expect(kinds).not.toHaveProperty([path]);
  const hunk = { function: "login()", base: "  line 3\n" };
  expect(pair?.conflicts.find(({ path }) => path === "content.ts")?.hunks).toEqual([
    { ...hunk, a: { from: 4, to: 4, text: "  line of a\n" }, b: { from: 4, to: 4, text: "  line of b\n" } },
  ]);
  expect(pair?.conflicts.find(({ path }) => path === "heading.md")?.hunks).toMatchObject([
    { base: "Two\n", a: { from: 4, to: 4, text: "Two of a\n" }, b: { text: "Two of b\n" } },
  ]);
  expect(pair?.conflicts.find(({ path }) => path === "deleted.txt")).toMatchObject({ deletedBy: "a", hunks: [] });
  expect(pair?.files).toEqual(pair?.conflicts.map(({ path }) => path));
  expect(pair?.hunks).toBe(pair?.conflicts.reduce((sum, { hunks }) => sum + hunks.length, 0));
});

test("[CFL-01] pointers of submodules conflict, and a repository that merely lies in a workspace is left out and named", async () => {
  const { box, one, alpha, beta } = await scene();
  for (const [dir, letter] of [
    [alpha.dir, "1"],
    [beta.dir, "2"],
  ] as const) {
    box.git(dir, "update-index", "--add", "--cacheinfo", `160000,${letter.repeat(40)},sub`);
    // A submodule that is not checked out is an empty folder.
    mkdirSync(join(dir, "sub"));
    box.git(dir, "init", "--quiet", "nested");
    box.write(dir, { "nested/file.txt": letter });
    box.git(join(dir, "nested"), "add", "--all");
    box.git(join(dir, "nested"), "commit", "--quiet", "-m", "Nested");
  }
  const found = await one.conflicts({});
  expect(found.pairs).toMatchObject([{ conflicts: [{ path: "sub", kind: "submodule" }] }]);
  expect(found.sessions.map(({ notes }) => notes.join())).toEqual(Array(2).fill(expect.stringContaining("nested")));
});

test("[CFL-01] names with quotes, line ends and bytes that are no text are told apart", async () => {
  const { box, one, alpha, beta } = await scene();
  const odd = ['quo"te.txt', "line\nend.txt", "-dash.txt", " blank", "ünï.txt"];
  for (const { dir, id } of [alpha, beta]) {
    for (const name of odd) box.write(dir, { [name]: `${id}\n` });
    for (const byte of [0xfe, 0xff]) writeFileSync(Buffer.from([...Buffer.from(`${dir}/bytes-`), byte]), `${id}\n`);
  }
  const [pair] = (await one.conflicts({})).pairs;
  expect(pair?.files.toSorted()).toEqual([...odd, '"bytes-\\376"', '"bytes-\\377"'].toSorted());
});

test("[CFL-01] a session is compared with the newest base, and not by its own folder", async () => {
  const { box, home, one, two, alpha, beta } = await scene();
  expect((await one.conflicts({})).pairs).toEqual([]);
  box.write(home, { "src/a.txt": lines(20).replace("line 5\n", "line of main\n") });
  box.git(home, "commit", "--quiet", "-am", "Main moves");
  box.write(alpha.dir, { "src/a.txt": lines(20).replace("line 5\n", "line of alpha\n") });
  await two.log({ session: beta.id, text: "Nothing that is code" });
  const found = await one.conflicts({});
  expect(found.pairs).toMatchObject([
    { a: alpha.id, b: "main", against: "base", agents: { a: "agent one", b: null }, files: ["src/a.txt"], hunks: 1 },
  ]);
  expect(found.compared.pairs).toBe(3);
  expect(pairsIn(await one.conflicts({ ids: [beta.id] }))).toEqual({});
  expect((await one.conflicts({ ids: [beta.id] })).compared.pairs).toBe(2);
  expect((await one.conflicts({ base: true })).compared.pairs).toBe(2);
});
