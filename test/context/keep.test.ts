import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeContexts } from "../../src/context/merge.ts";
import { sidesOf } from "../../src/context/conflict-sides.ts";
import { readContext } from "../../src/context/read.ts";
import { writeYaml } from "../../src/document/yaml.ts";
import { CENTRAL, merging } from "../support/contexts.ts";
import { commit, refusal, team, working } from "../support/session.ts";
import { program } from "../support/sandbox.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";
const ARCHIVE = "docs/session-context/ACTIVE_SESSION.archive.md";
const text = (home: string, path = FILE): string => readFileSync(join(home, path), "utf8");
const long = (count: number): string =>
  CENTRAL.replace(
    "  - Tokens, not cookies\n",
    Array.from({ length: count }, (_, n) => `  - "decision: ${n}"\n`).join(""),
  );

test("[CTX-21] what is too much goes to the archive, the oldest first, and is found there", async () => {
  const { box, home } = await team({ remote: false, settings: {} });
  box.write(home, { ".berth/config.yaml": "context:\n  keep: 5\n", [FILE]: long(5) });
  const berth = await box.open(home);
  await berth.contextSet({ key: "decisions", add: ["Another one"] });
  expect((await berth.contextShow({})).context["decisions"]).toEqual([
    ...[1, 2, 3, 4].map((n) => `decision: ${n}`),
    "Another one",
  ]);
  const { matches } = await berth.contextSearch({ text: "decision: 0" });
  expect(matches).toMatchObject([
    { file: ARCHIVE, text: expect.stringMatching(/^- \S+Z decisions: "decision: 0"$/) as string },
  ]);
  const dry = await berth.contextArchive({ keep: 2, dryRun: true });
  expect(dry.moved).toEqual({ decisions: 3 });
  const before = [text(home), text(home, ARCHIVE)];
  expect([text(home), text(home, ARCHIVE)]).toEqual(before);
  expect((await berth.contextArchive({ keep: 2 })).moved).toEqual({ decisions: 3 });
  expect((await berth.contextArchive({ keep: 2 })).moved).toEqual({});
  expect(text(home)).toContain("# who and when\n");
});

test("[CTX-21] [CTX-14] what a commit moves to the archive is part of that commit", async () => {
  const { box, home } = await team({ remote: false });
  box.write(home, { ".berth/config.yaml": "context:\n  keep: 5\n" });
  const berth = await box.open(home);
  const { id, dir } = await working(berth, "Many files");
  box.write(dir, Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`made-${n}.txt`, `${n}\n`])));
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "--all", "-m", `[${id}] feat: seven files`);
  expect(box.git(dir, "status", "--porcelain")).toBe("");
  expect(box.git(dir, "show", "--name-only", "--format=", "HEAD")).toContain(".session/ACTIVE_SESSION.archive.md");
  expect(await berth.sync({ id })).toMatchObject({ session: { id } });
});

test("[CTX-21] todos that are open, blockers and next steps never go", async () => {
  const { box, home, berth } = await team({ remote: false });
  const todos = [1, 2, 3, 4, 5].map((n) => ({
    id: String(n),
    content: `Part ${n}`,
    status: n % 2 ? "pending" : "Done",
  }));
  const lists = { todos, blockers: ["a", "b", "c"], next_steps: ["d", "e", "f"] };
  const keys = readContext(CENTRAL, "f").data;
  box.write(home, { [FILE]: `---\n${writeYaml({ ...keys, ...lists })}---\n` });
  await berth.contextArchive({ keep: 0 });
  const { context } = await berth.contextShow({});
  expect(context).toMatchObject({
    blockers: lists.blockers,
    next_steps: lists.next_steps,
    decisions: [],
    created_files: [],
  });
  expect((context["todos"] as { id: string }[]).map(({ id }) => id)).toEqual(["1", "3", "5"]);
  expect(text(home, ARCHIVE)).toContain('"content":"Part 4"');
});

test("[CTX-21] stopped between the two writes nothing is lost, and nothing is there twice in the end", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: long(6) });
  await berth.contextArchive({ keep: 3 });
  const archived = text(home, ARCHIVE);
  // The archive was written, the context was not.
  box.write(home, { [FILE]: long(6) });
  await berth.contextArchive({ keep: 3 });
  expect(text(home, ARCHIVE)).toBe(archived);
  expect((await berth.contextShow({})).context["decisions"]).toEqual([3, 4, 5].map((n) => `decision: ${n}`));
  // Nor while others write.
  box.write(home, { [FILE]: long(30) });
  const names = Array.from({ length: 6 }, (_, n) => `by ${n}`);
  await Promise.all([
    ...names.map(async (name) => (await box.open(home)).contextSet({ key: "decisions", add: [name] })),
    ...[20, 10, 5].map(async (keep) => (await box.open(home)).contextArchive({ keep })),
  ]);
  const all = text(home) + text(home, ARCHIVE);
  for (const one of [...names, ...Array.from({ length: 30 }, (_, n) => `"decision: ${n}"`)]) expect(all).toContain(one);
});

test("[CTX-21] [INV-5] killed at any moment, each entry is in the context or in the archive, and the next run finishes", async () => {
  const { box, home, berth } = await team({ remote: false });
  const entries = Array.from({ length: 40 }, (_, n) => `"decision: ${n}"`);
  for (let round = 0; round < 4; round++) {
    rmSync(join(home, ARCHIVE), { force: true });
    box.write(home, { [FILE]: long(40) });
    const env = { ...process.env, BERTH_HOME: join(box.dir, "machine") };
    const words = [...program.slice(1), "context", "archive", "--keep", "5"];
    const child = spawn(process.execPath, words, { cwd: home, env, stdio: "ignore" });
    const ended = once(child, "close");
    // As soon as the first of the two writes is there; in other rounds somewhat later.
    await expect.poll(() => existsSync(join(home, ARCHIVE)), { interval: 0, timeout: 20_000 }).toBe(true);
    for (let turns = 0; turns < round * 20; turns++) await new Promise(setImmediate);
    child.kill("SIGKILL");
    await ended;
    const between = text(home) + text(home, ARCHIVE);
    for (const entry of entries) expect(between).toContain(entry);
    await berth.contextArchive({ keep: 5 });
    expect((await berth.contextShow({})).context["decisions"]).toHaveLength(5);
    const archived = text(home, ARCHIVE);
    for (const entry of entries.slice(0, 35)) expect(archived.split(entry)).toHaveLength(2);
  }
});

const OURS = CENTRAL.replace("mode: build", "mode: evaluate")
  .replace("  - Tokens, not cookies", "  - Tokens, not cookies\n  - Ours")
  .replace("T10:00:00+01:00", "T11:00:00Z");
const THEIRS = CENTRAL.replace("agent: lab", "agent: ops")
  .replace("  - Tokens, not cookies", "  - Tokens, not cookies\n  - Theirs")
  .replace("T10:00:00+01:00", "T12:00:00Z");

test("[CTX-01] [INV-3] [INV-8] a context in conflict is merged by key and item, and the marked text is kept", async () => {
  const { box, home, berth } = await team({ remote: false });
  merging(box, home, OURS, THEIRS);
  const marked = text(home);
  const dry = await berth.contextRepair({ dryRun: true });
  expect(text(home)).toBe(marked);
  const repaired = await berth.contextRepair({});
  expect(repaired).toEqual(dry);
  expect(repaired).toMatchObject({ path: FILE, from: "merge", conflicts: [] });
  expect((await berth.contextShow({})).context).toMatchObject({
    mode: "evaluate",
    agent: "ops",
    decisions: ["Tokens, not cookies", "Ours", "Theirs"],
    last_updated: "2026-03-01T12:00:00Z",
  });
  expect(text(home)).toContain("status: in_progress # now\n");
  expect(box.git(home, "show", repaired.kept ?? "")).toBe(marked.trimEnd());
  expect(await berth.contextRepair({})).toMatchObject({ problem: null, from: null });
});

test("[CTX-01] [INV-3] what both sides changed stays as ours has it, and is told; without a base both sides count", async () => {
  const { box, home, berth } = await team({ remote: false });
  merging(box, home, OURS.replace("mode: evaluate", "mode: scope"), THEIRS.replace("mode: build", "mode: design"));
  // The conflict is told to be decided, with its markers in the file.
  box.git(home, "add", FILE);
  const { conflicts } = await berth.contextRepair({});
  expect(conflicts).toEqual([{ key: "mode", ours: "scope", theirs: "design" }]);
  expect((await berth.contextShow({})).context).toMatchObject({ mode: "scope", agent: "ops" });
  box.git(home, "commit", "--quiet", "--all", "-m", "Merged");
  writeFileSync(join(home, FILE), `${CENTRAL}<<<<<<< a\nOurs\n=======\nTheirs\n>>>>>>> b\n`);
  expect((await berth.contextRepair({})).conflicts).toEqual([
    { key: "", ours: expect.any(String) as string, theirs: expect.any(String) as string },
  ]);
});

test("[CTX-01] [INV-3] [INV-8] an empty, cut off or missing context comes back from git, never from a default", async () => {
  const { box, home, berth } = await team({ remote: false });
  await refusal(berth.contextRepair({}), "NOT_FOUND");
  expect(existsSync(join(home, FILE))).toBe(false);
  const first = commit(box, home, "Begin", { [FILE]: CENTRAL });
  commit(box, home, "Damage", { [FILE]: CENTRAL.slice(0, 90) });
  for (const damage of ["", CENTRAL.slice(0, 120), "mode=build\0", "---\nmode: [\n---\n", "<<<<<<< a\nx\n"]) {
    writeFileSync(join(home, FILE), damage);
    const { from, kept } = await berth.contextRepair({});
    expect(from).toBe(first);
    expect(text(home)).toBe(CENTRAL);
    expect(box.git(home, "show", kept ?? "")).toBe(damage.replace(/\n$/, ""));
  }
  rmSync(join(home, FILE));
  expect(await berth.contextRepair({})).toMatchObject({ from: first, kept: null });
  box.git(home, "add", FILE);
  writeFileSync(join(home, FILE), Buffer.from([0xff, 0xfe, 0x00]));
  expect(await berth.contextRepair({})).toMatchObject({ from: "index", problem: `${FILE} is no UTF-8 text.` });
  expect(text(home)).toBe(CENTRAL);
});

test("[CTX-01] random sides: every entry of both is in the merged context or in a conflict", () => {
  const list = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 4 });
  const keys = fc.record({
    decisions: list,
    mode: fc.constantFrom("build", "scope"),
    task: fc.record({ title: fc.constantFrom("x", "y") }),
  });
  const file = (data: object): string => `---\n${writeYaml(data)}---\n\nText\n`;
  fc.assert(
    fc.property(keys, keys, keys, fc.boolean(), (base, ours, theirs, based) => {
      const merged = mergeContexts({ ours: file(ours), theirs: file(theirs), base: based ? file(base) : "" }, "f");
      const { data } = readContext(merged?.text ?? "", "f");
      const conflicts = new Set(merged?.conflicts.map((one) => (one.part === "body" ? "" : one.path.join("."))));
      for (const side of [ours, theirs]) {
        for (const one of side.decisions)
          if (!based || !base.decisions.includes(one)) expect(data["decisions"]).toContain(one);
        const other = side === ours ? theirs : ours;
        if (data["mode"] !== side.mode)
          expect(conflicts.has("mode") || (based && base.mode === side.mode) || other.mode === side.mode).toBe(true);
      }
      expect(sidesOf(merged?.text ?? "")).toBeNull();
    }),
    { numRuns: 500 },
  );
});
