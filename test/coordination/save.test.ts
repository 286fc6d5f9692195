import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { runBerth } from "../cli/run-berth.ts";
import { startWorker } from "../support/processes.ts";
import { lines, type Sandbox } from "../support/sandbox.ts";
import { refusal, team, working } from "../support/session.ts";

const NAMES = ["one", "two", "three", "four"] as const;

async function agents(
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ box: Sandbox; home: string; one: Berth; two: Berth; read: () => string }> {
  const { box, home, berth } = await team({ remote: false, settings });
  void berth;
  const [one, two] = await Promise.all(NAMES.slice(0, 2).map((name) => box.open(home, name)));
  if (!one || !two) throw new Error("not opened");
  return { box, home, one, two, read: () => readFileSync(join(home, "src/a.txt"), "utf8") };
}

/** The text with one line in place of another. */
function changed(text: string, line: number, to: string): string {
  return text
    .split("\n")
    .map((old, at) => (at === line - 1 ? to : old))
    .join("\n");
}

async function hashOf(berth: Berth, path = "src/a.txt"): Promise<string> {
  return (await berth.fileHash({ path })).hash ?? "none";
}

test("[XCS-13] edits of different lines are merged, both are told, and the next save starts from what came out", async () => {
  const { one, two, read } = await agents();
  const [start, base] = [read(), await hashOf(one)];
  const first = await one.saveFile({ path: "src/a.txt", base, text: changed(start, 2, "of one") });
  expect(first).toMatchObject({ path: "src/a.txt", merged: false, conflict: null, warnings: [] });
  const second = await two.saveFile({ path: "./src/a.txt", base, text: changed(start, 18, "of two") });
  expect(second).toMatchObject({ merged: true, conflict: null });
  expect(read()).toBe(changed(changed(start, 2, "of one"), 18, "of two"));
  for (const berth of [one, two])
    expect((await berth.inbox({})).messages).toMatchObject([{ kind: "file.merged", from: "two" }]);
  expect(second.hash).toBe(await hashOf(one));
  const third = await one.saveFile({ path: "src/a.txt", base: second.hash, text: changed(read(), 1, "again") });
  expect(third).toMatchObject({ merged: false, conflict: null });
});

test("[XCS-13] [INV-7] the same lines are a conflict that names lines and function; both texts are kept, both writers told", async () => {
  const { box, home, one, two } = await agents();
  const python = "import os\n\n\ndef login(user):\n    check(user)\n    return 1\n\n\ndef other():\n    pass\n";
  box.write(home, { "auth.py": python });
  const base = await hashOf(one, "auth.py");
  await one.saveFile({ path: "auth.py", base, text: python.replace("return 1", "return 2") });
  const theirs = python.replace("return 1", "return 3\n    # or more").replace("pass", "return 0");
  const saved = await two.saveFile({ path: "auth.py", base, text: theirs });
  expect(readFileSync(join(home, "auth.py"), "utf8")).toBe(python.replace("return 1", "return 2"));
  expect(saved).toMatchObject({
    merged: false,
    hash: await hashOf(one, "auth.py"),
    conflict: {
      path: "auth.py",
      reason: "overlap",
      oursBy: "one",
      theirsBy: "two",
      lines: [{ from: 6, to: 6, function: "login()", ours: "    return 2\n", theirs: "    return 3\n    # or more\n" }],
    },
  });
  const { conflict } = saved;
  expect(execFileSync("git", ["show", conflict?.kept ?? ""], { cwd: home, encoding: "utf8" })).toBe(theirs);
  for (const berth of [one, two]) {
    const [notice] = (await berth.inbox({})).messages;
    expect(notice?.text).toContain("one and two changed auth.py, line 6 in login();");
  }
  // Tried again it is the same conflict.
  const again = await two.saveFile({ path: "auth.py", base, text: theirs });
  expect(again.conflict?.id).toBe(conflict?.id);
  expect((await one.inbox({})).messages).toEqual([]);
  expect((await one.status({})).needsYou).toMatchObject([{ kind: "file.conflict", subject: "auth.py" }]);
});

test("[XCS-13] who was refused decides by saving upon what stands, everybody else by saying so", async () => {
  const { one, two, read } = await agents();
  const [start, base] = [read(), await hashOf(one)];
  await one.saveFile({ path: "src/a.txt", base, text: changed(start, 2, "of one") });
  const refused = await two.saveFile({ path: "src/a.txt", base, text: changed(start, 2, "of two") });
  const open = async (): Promise<number> => (await one.status({})).fileConflicts.length;
  await one.saveFile({ path: "src/a.txt", base: refused.hash, text: changed(read(), 9, "goes on") });
  expect(await open()).toBe(1);
  await two.saveFile({ path: "src/a.txt", base: await hashOf(two), text: changed(read(), 2, "of both") });
  expect(await open()).toBe(0);
  expect((await one.inbox({})).messages.map(({ kind, text }) => [kind, text]).at(-1)).toEqual([
    "file.merged",
    "two decided the conflict in src/a.txt.",
  ]);
  await two.saveFile({ path: "src/a.txt", base, text: changed(start, 2, "once more") });
  expect(await open()).toBe(1);
  await one.saveFile({ path: "src/a.txt", base: await hashOf(one), text: read(), resolve: true });
  expect(await open()).toBe(0);
});

test("[XCS-13] any concurrent change of a file that is named critical is a conflict", async () => {
  const { one, two, read } = await agents({ live: { critical: ["src/*.txt"] } });
  const [start, base] = [read(), await hashOf(one)];
  await one.saveFile({ path: "src/a.txt", base, text: changed(start, 2, "of one") });
  const saved = await two.saveFile({ path: "src/a.txt", base, text: changed(start, 18, "of two") });
  expect(saved.conflict).toMatchObject({ reason: "critical", lines: [{ from: 2 }, { from: 18 }] });
  expect(read()).toBe(changed(start, 2, "of one"));
});

test("[XCS-13] saving a path that another holds in this checkout is refused with holder and role; elsewhere it is a warning", async () => {
  const { box, home, one, two, read } = await agents();
  await one.register({ id: "one", role: "backend" });
  await one.lock({ paths: ["src"], reason: "new login" });
  const [text, base] = [changed(read(), 2, "of two"), await hashOf(two)];
  const held = await refusal(two.saveFile({ path: "src/a.txt", base, text }), "LOCK_HELD");
  expect(held.message).toMatch(/^src is locked by one \(backend\) until .*: new login; nothing was saved\.$/);
  expect(held.facts["holders"]).toMatchObject([{ agent: "one", role: "backend", path: "src" }]);
  expect(read()).not.toContain("of two");
  expect(await one.saveFile({ path: "src/a.txt", base, text: changed(read(), 1, "mine") })).toMatchObject({
    conflict: null,
  });
  const { dir } = await working(await box.open(home, "three"), "Apart");
  const apart = await box.open(dir, "three");
  const saved = await apart.saveFile({ path: "src/a.txt", base, text });
  expect(saved).toMatchObject({ conflict: null, merged: false });
  expect(saved.warnings).toEqual([expect.stringContaining("src is locked by one (backend)")]);
  expect(read()).not.toContain("of two");
});

test("[XCS-13] bases are known from git, from saves and by both of their hashes; an unknown one is a conflict and no loss", async () => {
  const { box, home, one, two, read } = await agents();
  const start = read();
  const blob = box.git(home, "hash-object", "src/a.txt");
  writeFileSync(join(home, "src/a.txt"), changed(start, 2, "past Berth"));
  expect(await one.saveFile({ path: "src/a.txt", base: blob, text: changed(start, 18, "of one") })).toMatchObject({
    merged: true,
  });
  const hash = (await one.fileHash({ path: "src/a.txt" })).hash ?? "";
  const saved = box.git(home, "hash-object", "src/a.txt");
  await two.saveFile({
    path: "src/a.txt",
    base: hash.slice("sha256:".length).toUpperCase(),
    text: changed(read(), 5, "of two"),
  });
  expect(
    await one.saveFile({
      path: "src/a.txt",
      base: saved,
      text: changed(changed(changed(start, 2, "past Berth"), 18, "of one"), 10, "again"),
    }),
  ).toMatchObject({ merged: true });
  const unknown = `sha256:${"0".repeat(64)}`;
  const refused = await two.saveFile({ path: "src/a.txt", base: unknown, text: "all new\n" });
  expect(refused.conflict).toMatchObject({ reason: "unknown-base", theirsBy: "two" });
  expect(read()).toContain("of two");
  expect(await two.saveFile({ path: "src/a.txt", base: unknown, text: read() })).toMatchObject({ conflict: null });
  await refusal(two.saveFile({ path: "src/a.txt", base: "HEAD", text: "x" }), "INVALID");
});

test("[XCS-13] new, deleted, executable and linked files, byte-order marks and line ends", async () => {
  const { home, one, two } = await agents();
  const text = "\uFEFF#!/bin/sh\r\nexit 0";
  expect(await one.saveFile({ path: "new/run.sh", base: null, text })).toMatchObject({
    path: "new/run.sh",
    conflict: null,
  });
  expect(readFileSync(join(home, "new/run.sh"), "utf8")).toBe(text);
  const both = await two.saveFile({ path: "new/run.sh", base: null, text: "other\n" });
  expect(both.conflict).toMatchObject({ reason: "added", oursBy: "one" });
  chmodSync(join(home, "new/run.sh"), 0o755);
  symlinkSync("new/run.sh", join(home, "link"));
  await one.saveFile({ path: "link", base: await hashOf(one, "link"), text: "#!/bin/sh\n" });
  expect(readFileSync(join(home, "new/run.sh"), "utf8")).toBe("#!/bin/sh\n");
  expect(statSync(join(home, "new/run.sh")).mode & 0o777).toBe(0o755);
  const base = await hashOf(one, "src/b.txt");
  rmSync(join(home, "src/b.txt"));
  const gone = await two.saveFile({ path: "src/b.txt", base, text: lines(3) });
  expect(gone).toMatchObject({ hash: null, conflict: { reason: "deleted", oursBy: null } });
  writeFileSync(join(home, "src/b.txt"), Buffer.from([0xff, 0xfe, 0]));
  for (const path of ["src/b.txt", "src", "../x", ".git/config"])
    await refusal(one.saveFile({ path, base, text: "x" }), "INVALID");
  await refusal(one.saveFile({ path: "src/c.txt", base: null, text: "a\0b" }), "INVALID");
});

test("[XCS-13] [INV-7] of many processes that save at once every line is in the file, and a dry run changes nothing", async () => {
  const { box, home, one, read } = await agents();
  const [start, base] = [read(), await hashOf(one)];
  const plan = await one.saveFile({ path: "src/a.txt", base, text: "other\n", dryRun: true });
  expect([plan.conflict, read()]).toEqual([null, start]);
  const workers = [2, 6, 10, 14, 18].map((line) => ({
    line,
    worker: startWorker(box, { dir: home, agent: `line ${line}` }),
  }));
  const answers = await Promise.all(
    workers.map(
      async ({ line, worker }) =>
        worker.run("saveFile", { path: "src/a.txt", base, text: changed(start, line, `of ${line}`) }).answer,
    ),
  );
  expect(answers.map(({ error }) => error)).toEqual(answers.map(() => undefined));
  expect(read()).toBe(workers.reduce((text, { line }) => changed(text, line, `of ${line}`), start));
  expect(box.git(home, "status", "--porcelain", "--", "src")).toBe(" M src/a.txt");
});

test("[XCS-13] a base as git stores it is known where the checkout has other line ends; odd names are told plainly", async () => {
  const { box, home, one, two } = await agents();
  box.git(home, "config", "core.autocrlf", "true");
  writeFileSync(join(home, "src/a.txt"), "a\r\nb\r\nc\r\n");
  box.git(home, "commit", "--quiet", "-am", "[x] chore: line ends", "--no-verify");
  const base = box.git(home, "hash-object", "src/a.txt");
  expect(await one.saveFile({ path: "src/a.txt", base, text: "A\r\nb\r\nc\r\n" })).toMatchObject({
    conflict: null,
    merged: false,
  });
  expect(await two.saveFile({ path: "src/a.txt", base, text: "a\r\nb\r\nC\r\n" })).toMatchObject({
    conflict: null,
    merged: true,
  });
  expect(readFileSync(join(home, "src/a.txt"), "utf8")).toBe("A\r\nb\r\nC\r\n");
  const long = `${"\u6771".repeat(82)}.txt`;
  expect(await one.saveFile({ path: long, base: null, text: "x\n" })).toMatchObject({ path: long, conflict: null });
  await refusal(one.saveFile({ path: "src/a.txt/x", base: null, text: "x" }), "INVALID");
});

test("[XCS-13] only those whose change was met are told of a merge", async () => {
  const { box, home, one, two, read } = await agents();
  const old = await box.open(home, "old");
  await old.saveFile({ path: "src/a.txt", base: await hashOf(old), text: changed(read(), 1, "of old") });
  const base = box.git(home, "hash-object", "src/a.txt");
  const start = read();
  await one.saveFile({ path: "src/a.txt", base, text: changed(start, 5, "of one") });
  await two.saveFile({ path: "src/a.txt", base, text: changed(start, 12, "of two") });
  expect((await old.inbox({})).messages).toEqual([]);
  expect((await one.inbox({})).messages).toMatchObject([{ kind: "file.merged" }]);
});

test("[XCS-13] a pattern that nothing can be locked by is named with its setting, by save and by doctor", async () => {
  const { one } = await agents({ live: { critical: ["src/**", "../x"] } });
  const error = await refusal(one.saveFile({ path: "README.md", base: null, text: "x" }), "INVALID");
  expect(error.message).toContain('The setting live.critical: "../x" leads out of the checkout');
  const { checks } = await one.doctor({});
  expect(checks.find(({ name }) => name === "settings")).toMatchObject({ ok: false, detail: error.message });
});

test("[XCS-13] a refusal names the path as it was typed, and says of a file that is gone that it stays deleted", async () => {
  const { home, one } = await agents();
  const outside = await refusal(one.saveFile({ path: "../out", base: null, text: "x" }), "INVALID");
  expect(outside.message).toMatch(/^"\.\.\/out" leads out/);
  const base = await hashOf(one);
  rmSync(join(home, "src/a.txt"));
  const { code, stdout } = await runBerth(["save", "src/a.txt", "--base", base, "--agent", "two"], {
    cwd: home,
    input: "mine\n",
  });
  expect([code, stdout]).toEqual([4, expect.stringContaining("It stays deleted; your text (?) is kept.")]);
  expect(stdout).not.toMatch(/^ *=/m);
});
