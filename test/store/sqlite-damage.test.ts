import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { eventsAfter, lastSeq } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { refusal } from "../support/session.ts";

const worker = join(import.meta.dirname, "../support/store-worker.ts");

interface At {
  readonly file: string;
  open(): Promise<Store>;
}

function place(): At {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  const file = join(dir, "live", "store.db");
  const opened: Store[] = [];
  onTestFinished(async () => {
    for (const store of opened) await store.close().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const open = async (): Promise<Store> => {
    const store = await openStore({ place: file, project: "p", clock: systemClock, waitMs: 5000 });
    opened.push(store);
    return store;
  };
  return { file, open };
}

async function append(store: Store, count: number, kind: string): Promise<void> {
  for (let i = 0; i < count; i++)
    await store.write((tx) => tx.append({ kind, subject: "x".repeat(200), agent: null, data: {} }));
}

/** Another process appends as well. @returns what it said when it could not */
async function another({ file }: At, count: number): Promise<string> {
  const address = JSON.stringify({ place: file, project: "p" });
  const child = spawn(process.execPath, [worker, address, "other", "append", String(count)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString("utf8")));
  await once(child, "close");
  return said;
}

/** How many events of each kind there are, without a gap and twice none, in a file that SQLite itself finds sound. */
async function found(at: At): Promise<Record<string, number>> {
  const events = await (await at.open()).read((tx) => eventsAfter(tx, 0));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const database = new DatabaseSync(at.file);
  expect(database.prepare("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  database.close();
  const counts: Record<string, number> = {};
  for (const { kind } of events) {
    const by = kind === "counted" ? "other" : kind;
    counts[by] = (counts[by] ?? 0) + 1;
  }
  return counts;
}

const page = 4096;

test.for<[string, (file: string, size: number) => void, string]>([
  ["cut to nothing", (file) => truncateSync(file, 0), "it is empty"],
  ["cut to a half", (file, size) => truncateSync(file, Math.floor(size / page / 2) * page), "malformed"],
  ["cut within its last page", (file, size) => truncateSync(file, size - 1000), "its end is missing"],
  ["cut within its first page", (file) => truncateSync(file, 50), "overwritten"],
  ["overwritten at its head", (file) => overwrite(file, 0, 100), "not a database"],
  ["another program's", (file) => replace(file), "no store of Berth"],
])("[INV-8] a store that is %s is refused by name, and stays as it is", async ([, damage, why]) => {
  const at = place();
  const store = await at.open();
  await append(store, 60, "k");
  await store.close();
  damage(at.file, statSync(at.file).size);
  const before = readFileSync(at.file);
  for (let n = 0; n < 2; n++) {
    const refused = await refusal(at.open(), "STORE_DAMAGED");
    expect(refused.message).toContain(at.file);
    expect(refused.message).toContain(why);
    expect(refused.hint).toContain("berth doctor");
  }
  expect(readFileSync(at.file).equals(before)).toBe(true);
});

function overwrite(file: string, from: number, length: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, from, from + length);
  writeFileSync(file, bytes);
}

function replace(file: string): void {
  renameSync(file, `${file}.ours`);
  const database = new DatabaseSync(file);
  database.exec("create table theirs (x); insert into theirs values (1)");
  database.close();
}

test("[INV-8] pages overwritten in the middle are met as damage, not as nothing", async () => {
  const at = place();
  const store = await at.open();
  await append(store, 300, "k");
  await store.close();
  overwrite(at.file, 37 * page, 12 * page);
  const late = await at.open();
  await refusal(
    late.read((tx) => tx.all("select * from event")),
    "STORE_DAMAGED",
  );
});

test("[INV-8] a text that is torn is damage, and no defect of ours", async () => {
  const at = place();
  const store = await at.open();
  await append(store, 1, "k");
  await store.write((tx) => tx.run("update event set data = '{\"half' where project = $1", tx.project));
  await refusal(
    store.read((tx) => eventsAfter(tx, 0)),
    "STORE_DAMAGED",
  );
});

test.for<[string, readonly string[], boolean, boolean]>([
  ["index is", ["-shm"], true, true],
  ["index is", ["-shm"], false, true],
  ["log is", ["-wal"], true, true],
  ["log is", ["-wal"], false, false],
  ["log and index are", ["-wal", "-shm"], true, true],
])(
  "[INV-6] the %s deleted while it is open, and the one who has it comes first: %s %s; no accepted write is lost",
  async ([, endings, first, welcome]) => {
    const at = place();
    const store = await at.open();
    await append(store, 5, "ours");
    for (const ending of endings) rmSync(at.file + ending);
    if (first) await append(store, 1, "ours");
    const said = await another(at, 3);
    // Its log is in no folder any more: a new process can only say so, until one comes that still has it.
    if (!welcome) expect(said).toContain("STORE_DAMAGED");
    else expect(said).toBe("");
    await append(store, first ? 1 : 2, "ours");
    expect(await another(at, 1)).toBe("");
    await append(store, 1, "ours");
    expect(await found(at)).toEqual({ ours: 8, other: welcome ? 4 : 1 });
  },
);

test.for([
  ["cut off", (file: string) => truncateSync(`${file}-wal`, 5000)],
  ["deleted with its index, and others came first", (file: string) => gone(file)],
] as const)("[INV-8] a log that was %s is reported to the one whose writes were in it, once", async ([how, damage]) => {
  const at = place();
  const store = await at.open();
  await append(store, 5, "ours");
  damage(at.file);
  if (how !== "cut off") expect(await another(at, 2)).toBe("");
  const refused = await refusal(store.read(lastSeq), "STORE_DAMAGED");
  expect(refused.message).toContain("what was written last is missing");
  await append(store, 1, "late");
  expect(await found(at)).toMatchObject({ late: 1 });
});

function gone(file: string): void {
  for (const ending of ["-wal", "-shm"]) rmSync(file + ending);
}

test("a log that a killed process left behind is read as far as it is whole", async () => {
  const at = place();
  const address = JSON.stringify({ place: at.file, project: "p" });
  const child = spawn(process.execPath, [worker, address, "other", "append", "1000000"], { stdio: "ignore" });
  const ended = once(child, "close");
  const size = (): number => statSync(`${at.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  await expect.poll(size, { timeout: 25_000 }).toBeGreaterThan(150_000);
  child.kill("SIGKILL");
  await ended;
  rmSync(`${at.file}-shm`);
  truncateSync(`${at.file}-wal`, 100_000);
  const store = await at.open();
  await append(store, 1, "ours");
  const { ours, other } = await found(at);
  expect(ours).toBe(1);
  expect(other).toBeGreaterThan(1);
});

test("a store that was cut off while it is open is refused by those who have it open, too", async () => {
  const at = place();
  const store = await at.open();
  await append(store, 5, "ours");
  truncateSync(at.file, 10 * page);
  await refusal(store.read(lastSeq), "STORE_DAMAGED");
  await refusal(append(store, 1, "ours"), "STORE_DAMAGED");
  expect(statSync(at.file).size).toBe(10 * page);
});

test("a store whose file was deleted begins anew; what another one's log held is not taken for its own", async () => {
  const at = place();
  const store = await at.open();
  await append(store, 5, "ours");
  rmSync(at.file);
  expect(await another(at, 2)).toBe("");
  await append(store, 1, "ours");
  expect(await found(at)).toEqual({ ours: 1, other: 2 });
  expect(statSync(`${at.file}.left-wal`).size).toBeGreaterThan(0);
});

test("a process that was killed while it let go of the store has not taken it away", async () => {
  const at = place();
  const store = await at.open();
  await append(store, 5, "ours");
  await store.close();
  renameSync(at.file, `${at.file}.moved`);
  expect(await found(at)).toEqual({ ours: 5 });
});

test("[INV-10] who waits for his turn and then finds another store does not wait behind himself", async () => {
  const waits: number[] = [];
  // A busy machine may take its time; behind himself nobody would ever be quicker than a place takes to go stale.
  while (waits.length < 4 && !waits.some((ms) => ms < 1500)) {
    const at = place();
    const store = await at.open();
    await append(store, 1, "ours");
    const busy = new DatabaseSync(at.file);
    busy.exec("begin immediate");
    const start = performance.now();
    const writing = append(store, 1, "ours");
    await systemClock.sleep(30);
    renameSync(at.file, `${at.file}.gone`);
    busy.close();
    await writing;
    waits.push(performance.now() - start);
  }
  expect(Math.min(...waits)).toBeLessThan(1500);
});
