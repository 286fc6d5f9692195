import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import type { Check } from "../../src/setup/doctor.ts";
import { systemClock } from "../../src/clock.ts";
import { lastSeq } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";
import { runBerth } from "../cli/run-berth.ts";
import { planned } from "../support/sandbox.ts";
import { refusal, type Team, team } from "../support/session.ts";

interface At extends Team {
  readonly file: string;
  /** The damaged stores that were set aside. */
  readonly aside: () => string[];
  readonly doctor: (fix?: boolean) => Promise<Check>;
  /** Another agent. */
  readonly reader: () => Promise<Berth>;
}

/** A project with as many versions of the shared context, and nobody in it. */
async function written(
  versions: number,
  before: (berth: Berth) => Promise<unknown> = () => Promise.resolve(),
): Promise<At> {
  const at = await team({ remote: false });
  const { berth, box, home } = at;
  const dir = join(home, ".git/berth/live");
  await before(berth);
  for (let n = 1; n <= versions; n++)
    await berth.sharedSet({ path: `k${n}`, value: { n, text: "x".repeat(300) }, message: `k${n}` });
  await berth.project.store.close();
  const reader = (): Promise<Berth> => box.open(home, "reader");
  return {
    ...at,
    file: join(dir, "store.db"),
    aside: () => readdirSync(dir).filter((name) => /\.damaged-[-\dT]+$/.test(name)),
    reader,
    doctor: async (fix = false) => {
      const { checks } = await (await reader()).doctor({ fix });
      return checks.find(({ name }) => name === "store") as Check;
    },
  };
}

const claims = async (berth: Berth): Promise<unknown> => berth.claim({ id: await planned(berth, "In git") });
const locks = (berth: Berth): Promise<unknown> => berth.lock({ paths: ["src/a.txt"] });

const page = 4096;

function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, from, to);
  writeFileSync(file, bytes);
}

/** The pages of a table, by SQLite's own statistics, without those that only lead to others. */
function leavesOf(file: string, table: string): number[] {
  return inFile(file, (database) =>
    database
      .prepare("select pageno from dbstat where name = ? and pagetype = 'leaf' order by path")
      .all(table)
      .map(({ pageno }) => Number(pageno)),
  );
}

function inFile<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

test("[XCS-18] [INV-8] a damaged store: the program names it and the remedy, git's verbs go on, doctor keeps what proves itself", async () => {
  const { home, file, aside, berth } = await written(6);
  const id = await planned(berth, "Goes on");
  overwrite(file, 0, 100);
  const damaged = readFileSync(file);
  const run = (...args: string[]): ReturnType<typeof runBerth> => runBerth(["-C", home, ...args, "--json"]);
  const get = await run("shared", "get");
  expect(get.code).toBe(1);
  expect(JSON.parse(get.stdout)).toMatchObject({
    error: { code: "STORE_DAMAGED", file, hint: expect.stringContaining("berth doctor") as unknown },
  });
  expect(JSON.parse((await run("list")).stdout)).toMatchObject({ sessions: [{ id }] });
  const claim = await run("claim", id);
  expect(claim.code).toBe(0);
  expect(JSON.parse(claim.stdout)).toMatchObject({
    warnings: [expect.stringContaining(`was not told of the claim: ${file} is damaged`)],
  });
  const look = await run("doctor");
  expect(look.code).toBe(1);
  const { checks } = JSON.parse(look.stdout) as { checks: readonly Check[] };
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    {
      name: "store",
      fix: expect.stringMatching(/^Run: berth doctor --fix\. .*versions 1 to 6.*agents, locks/) as unknown,
    },
  ]);
  expect(readFileSync(file).equals(damaged)).toBe(true);
  const fix = await run("doctor", "--fix");
  expect(fix.code, fix.stdout).toBe(0);
  expect(fix.stdout).toContain("all of the shared context is kept, versions 1 to 6");
  expect(readFileSync(join(file, "..", aside()[0] ?? "")).equals(damaged)).toBe(true);
  expect(JSON.parse((await run("shared", "get", "k6.n")).stdout)).toMatchObject({ version: 6, value: 6 });
  expect((await run("shared", "verify")).code).toBe(0);
});

test.for<[string, (file: string) => void, string]>([
  ["cut to nothing", (file) => truncateSync(file, 0), "nothing of the shared context can be read"],
  ["cut in the middle of its schema", (file) => truncateSync(file, 20 * page + 77), "version 1010 begins anew"],
  ["overwritten in its first page", (file) => overwrite(file, 0, page), "versions 1 to 9"],
])("[XCS-18] a store that is %s is set aside, and a new one begins", async ([, damage, kept]) => {
  const { file, aside, doctor, reader } = await written(9);
  damage(file);
  const damaged = readFileSync(file);
  expect((await doctor()).fix).toContain(kept);
  const fixed = await doctor(true);
  expect(fixed, fixed.detail).toMatchObject({ ok: true });
  expect(fixed.detail).toContain(kept);
  expect(readFileSync(join(file, "..", aside()[0] ?? "")).equals(damaged)).toBe(true);
  expect(await doctor()).toMatchObject({ ok: true });
  const berth = await reader();
  expect((await berth.sharedSet({ path: "later", value: 1 })).conflict).toBeNull();
  expect(await berth.sharedVerify({})).toMatchObject({ sound: true });
});

test("[XCS-18] [XCS-11] what is lost in the middle leaves a gap that is told, and no number is given twice", async () => {
  const { file, doctor, reader, berth } = await written(120, claims);
  await berth.sharedSet({ path: "k3.n", value: "theirs", base: 2 });
  const feed = inFile(file, (database) => database.prepare("select seq from project").get()?.["seq"]);
  await berth.project.store.close();
  const [, , third = 0] = leavesOf(file, "context_version");
  // Somebody has it open all the time.
  const held = await openStore({ place: file, project: "local", clock: systemClock });
  onTestFinished(() => held.close());
  overwrite(file, (third - 1) * page, third * page);
  const { fix } = await doctor();
  const [, last = "", next = ""] = /versions 1 to (\d+) are kept; version (\d+) goes on/.exec(fix ?? "") ?? [];
  expect([Number(last) > 10, Number(last) < 60]).toEqual([true, true]);
  expect(Number(next)).toBeGreaterThan(121);
  expect(await doctor(true)).toMatchObject({ ok: true });
  const after = await reader();
  expect(await after.sharedVerify({})).toMatchObject({ sound: true, first: 1, lastGood: Number(next) });
  const { value, version, conflicts } = await after.sharedGet({});
  expect(version).toBe(Number(next));
  expect(conflicts).toMatchObject([{ path: "k3.n", theirs: "theirs" }]);
  const keys = Object.keys(value as object);
  for (const key of ["k1", `k${last}`, "k100", "k120"]) expect(keys).toContain(key);
  expect(keys).not.toContain(`k${Number(last) + 1}`);
  expect((await after.sharedHistory({ limit: 1 })).versions).toMatchObject([
    { version: Number(next), base: Number(last), message: expect.stringContaining(".damaged-") as unknown },
  ]);
  await refusal(after.sharedGet({ version: Number(last) + 1 }), "NOT_FOUND");
  await refusal(after.sharedSet({ path: "k1", value: 0, base: 119 }), "NOT_FOUND");
  expect((await after.sharedGet({ version: 7 })).value).toMatchObject({ k7: { n: 7 } });
  // The feed goes on behind what was given, and the epoch that the store was told of still stands.
  const rows = inFile(file, (database) => [
    database.prepare("select min(seq) as first from event").get(),
    database.prepare("select epoch from epoch").get(),
  ]);
  expect(Number(rows[0]?.["first"])).toBeGreaterThan(Number(feed));
  expect(rows[1]).toEqual({ epoch: 1 });
  const seq = await held.write((tx) => tx.append({ kind: "k", subject: "s", agent: null, data: {} }));
  expect(await (await after.project.store.open()).read(lastSeq)).toBe(seq);
});

test("[XCS-18] history that was changed in a sound store is repaired where it is; locks and agents stay", async () => {
  const { home, file, doctor, reader } = await written(8, locks);
  const rows = inFile(file, (database) => {
    database.exec("update context_version set changes = replace(changes, '\"n\":4', '\"n\":5') where version = 4");
    return database.prepare("select * from context_version order by version").all();
  });
  expect(await doctor()).toMatchObject({
    ok: false,
    detail: "version 4 of the shared context is damaged: its content is not what its hash says",
    fix: "Run: berth doctor --fix. All there is goes into a file; of the shared context versions 1 to 3 are kept; version 9 goes on from there, with what 5, 6, 7, 8 say.",
  });
  expect(await doctor(true)).toMatchObject({ ok: true });
  const [name = ""] = readdirSync(join(home, ".git/berth")).filter((one) => one.startsWith("shared-context.damaged-"));
  const kept = JSON.parse(readFileSync(join(home, ".git/berth", name), "utf8")) as { versions: unknown };
  expect(kept.versions).toEqual(rows.map((row) => ({ ...row })));
  const berth = await reader();
  expect(Object.keys((await berth.sharedGet({})).value as object)).toEqual(["k1", "k2", "k3", "k5", "k6", "k7", "k8"]);
  expect(await berth.sharedVerify({})).toMatchObject({ sound: true, lastGood: 9 });
  expect((await berth.status({})).locks).toMatchObject([{ path: "src/a.txt", agent: "agent one" }]);
});

test("[XCS-18] a snapshot that is sound carries what came after it, whatever became of the history before", async () => {
  const { file, doctor, reader, berth } = await written(6);
  await berth.sharedSnapshot({ message: "sound" });
  await berth.sharedSet({ path: "k7", value: 7 });
  inFile(file, (database) => database.exec("delete from context_version where version = 2"));
  expect((await doctor()).fix).toContain("of the shared context versions 3 to 7 are kept");
  expect(await doctor(true)).toMatchObject({ ok: true });
  const after = await reader();
  expect(await after.sharedVerify({})).toMatchObject({ sound: true, first: 3, lastGood: 7 });
  expect((await after.sharedGet({ version: 4 })).value).toMatchObject({ k2: { n: 2 }, k4: { n: 4 } });
  await refusal(after.sharedGet({ version: 1 }), "NOT_FOUND");
});

test("[XCS-18] a repair that was killed is finished by whoever opens the store next", async () => {
  const { file, doctor, reader, aside } = await written(5);
  copyFileSync(file, `${file}.sound`);
  overwrite(file, 0, page);
  expect(await doctor(true)).toMatchObject({ ok: true });
  // As it was between the moment in which the damaged one had gone and that in which the new one came.
  renameSync(file, `${file}.ready`);
  expect((await (await reader()).sharedGet({ path: "k5.n" })).value).toBe(5);
  expect(existsSync(`${file}.ready`)).toBe(false);
  expect(aside()).toHaveLength(1);
  // As it was before: the damaged one is still there, and nobody takes the other for it.
  copyFileSync(`${file}.sound`, `${file}.ready`);
  overwrite(file, 0, page);
  await refusal((await reader()).sharedGet({}), "STORE_DAMAGED");
  expect(await doctor(true)).toMatchObject({ ok: true });
  expect(aside()).toHaveLength(2);
});

test("[XCS-18] several projects that share a damaged store are all taken along", async () => {
  const { file, doctor, berth } = await written(3);
  const other = await openStore({ place: file, project: "other", clock: systemClock });
  await other.write((tx) => tx.append({ kind: "k", subject: "s", agent: null, data: {} }));
  await other.close();
  await berth.project.store.close();
  overwrite(file, 0, 100);
  expect(await doctor(true)).toMatchObject({ ok: true });
  const rows = inFile(file, (database) => database.prepare("select id, seq from project order by id").all());
  expect(rows).toMatchObject([{ id: "local" }, { id: "other", seq: 2 }]);
});

test("[INV-8] a store that somebody deleted takes live data with it, and nothing that is in git", async () => {
  const { file, doctor, reader, berth } = await written(2, async (one) => [await claims(one), await locks(one)]);
  for (const ending of ["", "-wal", "-shm"]) rmSync(file + ending, { force: true });
  const { sessions, locks: held, agents } = await (await reader()).status({});
  expect(sessions).toMatchObject([{ title: "In git", state: "active", agent: "agent one" }]);
  expect([held, agents]).toEqual([[], []]);
  expect(await doctor()).toMatchObject({ ok: true });
  expect(await berth.release({ id: sessions[0]?.id ?? "", reason: "later" })).toMatchObject({ warnings: [] });
});

test("[INV-8] a file of another program's under the store's name is left alone, also by --fix", async () => {
  const { file, doctor, berth } = await written(1);
  await berth.project.store.close();
  renameSync(file, `${file}.ours`);
  inFile(file, (database) => database.exec("create table theirs (x)"));
  const before = readFileSync(file);
  for (const fix of [false, true]) {
    const found = await doctor(fix);
    expect(found).toMatchObject({ ok: false, detail: `${file} is another program's.` });
    expect(found.fix).toContain("store.path");
  }
  expect(readFileSync(file).equals(before)).toBe(true);
});

test("a store of a newer version is named with what to do, and a claim goes on", async () => {
  const { home, file, doctor, berth } = await written(1);
  const id = await planned(berth, "Goes on");
  await berth.project.store.close();
  inFile(file, (database) => database.exec("pragma user_version = 99"));
  expect(await doctor(true)).toMatchObject({
    ok: false,
    detail: `${file} was made by a newer version of Berth (schema 99).`,
    fix: expect.stringContaining("Use that version here as well") as unknown,
  });
  const status = await runBerth(["-C", home, "agents", "--json"]);
  expect(JSON.parse(status.stdout)).toMatchObject({ error: { code: "STORE_TOO_NEW", schema: 99 } });
  const claim = await runBerth(["-C", home, "claim", id, "--json"]);
  expect(JSON.parse(claim.stdout)).toMatchObject({ warnings: [expect.stringContaining("newer version")] });
});
