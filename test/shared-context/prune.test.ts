import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { runBerth } from "../cli/run-berth.ts";
import { refusal, type Team, team } from "../support/session.ts";

/** Versions 1 to `count`, each of which is another map as a whole. */
async function written(count: number): Promise<Team & { one: Berth; two: Berth }> {
  const at = await team({ remote: false });
  const [one, two] = [await at.box.open(at.home, "one"), await at.box.open(at.home, "two")];
  for (let n = 1; n <= count; n++) await one.sharedSet({ path: "", value: { [`k${n}`]: n, last: n }, base: n - 1 });
  return { ...at, one, two };
}

function inFile(home: string, sql: string): void {
  const database = new DatabaseSync(join(home, ".git/berth/live/store.db"));
  database.exec(sql);
  database.close();
}

test("[XCS-11] history goes only by its own verb, up to a snapshot from which the chain is verified", async () => {
  const { one, two, home, box } = await written(12);
  await one.sharedSnapshot({ message: "kept" });
  for (let n = 13; n <= 20; n++) await one.sharedSet({ path: "last", value: n });
  const before = await one.sharedGet({ version: 15 });
  const hashes = (await one.sharedHistory({})).versions.map(({ hash }) => hash);
  const would = await one.rehearsal().sharedPrune({ before: 15 });
  expect(would).toEqual({ first: 15, removed: 14, from: 1, snapshots: [12], heldBy: [] });
  expect((await one.sharedHistory({})).versions).toHaveLength(20);
  expect(await one.sharedPrune({ before: 15 })).toEqual(would);
  const fresh = await box.open(home, "fresh");
  for (const reader of [one, fresh]) {
    expect(await reader.sharedGet({ version: 15 })).toMatchObject({ value: before.value, hash: before.hash });
    expect((await reader.sharedGet({})).value).toMatchObject({ k12: 12, last: 20 });
    expect((await reader.sharedHistory({})).versions.map(({ hash }) => hash)).toEqual(hashes.slice(0, 6));
    expect(await reader.sharedVerify({})).toEqual({ sound: true, first: 15, checked: 6, lastGood: 20, broken: null });
    const gone = await refusal(reader.sharedGet({ version: 14 }), "NOT_FOUND");
    expect(gone.message).toContain("the oldest that is left is 15");
    await refusal(reader.sharedRollback({ version: 3 }), "NOT_FOUND");
    await refusal(reader.sharedDiff({ from: 3 }), "NOT_FOUND");
    expect((await reader.sharedGet({ version: 12 })).value).toMatchObject({ k12: 12, last: 12 });
    expect((await reader.sharedDiff({ from: 12 })).changes).toEqual([{ path: "last", before: 12, after: 20 }]);
  }
  expect(await two.sharedRollback({ version: 12 })).toMatchObject({ version: 21 });
  expect(await fresh.sharedGet({ path: "last" })).toMatchObject({ value: 12 });
  expect(await one.sharedPrune({ keep: 2 })).toMatchObject({ first: 20, removed: 5, snapshots: [12] });
  expect(await one.sharedPrune({ keep: 2 })).toMatchObject({ first: 20, removed: 0 });
  expect(await fresh.sharedVerify({})).toMatchObject({ sound: true, first: 20, checked: 2 });
});

test("[XCS-11] [XCS-08] after pruning, who never read and who read what is gone overwrite nothing they have not seen", async () => {
  const { one, two } = await written(3);
  const old = (await two.sharedSet({ path: "quiet", value: "first", base: 3 })).version;
  await two.sharedGet({});
  for (let n = 5; n <= 9; n++) await one.sharedSet({ path: "last", value: n });
  await one.sharedPrune({ before: 6 });
  // Nothing that is left has changed it.
  expect((await one.sharedSet({ path: "quiet", value: "never read", agent: "other" })).conflict).toMatchObject({
    ours: "first",
    theirs: "never read",
    oursBy: null,
  });
  const gone = await refusal(two.sharedSet({ path: "last", value: "two" }), "NOT_FOUND");
  expect(gone.message).toContain(`no version ${old} any more`);
  expect(gone.hint).toContain("berth shared get last");
  expect((await one.sharedSet({ path: "last", value: "never read", agent: "new" })).conflict).toMatchObject({
    ours: 9,
    theirs: "never read",
  });
  expect(await one.sharedSet({ path: "fresh", value: 1, agent: "newer" })).toMatchObject({ conflict: null });
  expect((await two.sharedSet({ path: "last", value: "six", base: 5 })).conflict).toMatchObject({ base: 5, ours: 9 });
  expect(await two.sharedSet({ path: "last", value: "two", base: 10 })).toMatchObject({ conflict: null });
});

test("[XCS-11] a write from a pruned version of which a snapshot is left is merged with what came since", async () => {
  const { one, two } = await written(2);
  await one.sharedSnapshot({ message: "base" });
  for (const n of [3, 4, 5, 6]) await one.sharedSet({ path: "last", value: n });
  await one.sharedPrune({ keep: 1 });
  expect(await two.sharedSet({ path: "", value: { k1: 1, k2: "two", last: 2 }, base: 2 })).toMatchObject({
    merged: true,
    conflict: null,
  });
  expect((await two.sharedGet({})).value).toEqual({ k1: 1, k2: "two", last: 6 });
});

test("[XCS-11] what an open conflict refers to stays until it is resolved", async () => {
  const { one, two } = await written(3);
  await two.sharedSet({ path: "last", value: "theirs", base: 2 });
  for (let n = 4; n <= 8; n++) await one.sharedSet({ path: "k1", value: n });
  expect(await one.sharedPrune({ keep: 1 })).toEqual({
    first: 3,
    removed: 2,
    from: 1,
    snapshots: [],
    heldBy: ["last"],
  });
  const { conflicts } = await two.sharedGet({});
  expect(conflicts).toMatchObject([{ path: "last", base: 2, ours: 3, theirs: "theirs", version: 3 }]);
  expect((await two.sharedGet({ version: 3 })).value).toMatchObject({ last: 3 });
  await two.sharedResolve({ path: "last", decision: { take: "theirs" } });
  expect(await one.sharedPrune({ keep: 1 })).toMatchObject({ first: 9, heldBy: [] });
});

test("[XCS-18] [INV-8] a snapshot that is not what was kept is damage, and so is a missing one that the rest needs", async () => {
  const { one, home } = await written(4);
  await one.sharedPrune({ before: 3 });
  inFile(home, "update context_snapshot set value = replace(value, ':3', ':7')");
  expect(await one.sharedVerify({})).toMatchObject({
    sound: false,
    broken: { version: 3, problem: "its snapshot is not what was kept" },
  });
  // A process that has not read it before.
  const get = async (): Promise<string> => (await runBerth(["-C", home, "shared", "get", "--json"])).stdout;
  expect(JSON.parse(await get())).toMatchObject({ error: { code: "STORE_DAMAGED", version: 3 } });
  inFile(home, "delete from context_snapshot");
  expect(await one.sharedVerify({})).toMatchObject({ broken: { problem: "the snapshot that it rests on is missing" } });
  expect(JSON.parse(await get())).toMatchObject({ error: { code: "STORE_DAMAGED", first: 3 } });
});

test("[XCS-12] a watcher whose events have gone before it came to them is given what they told, each once", async () => {
  const { one, two, home } = await written(2);
  const changes = await two.sharedWatch({ after: 1 });
  const next = async (): Promise<unknown> => {
    const { value } = (await changes.next()) as { value: { kind: string; version?: number; conflict?: object } };
    return value.version ?? value.kind;
  };
  expect(await next()).toBe(2);
  await one.sharedSet({ path: "last", value: 3 });
  expect(await next()).toBe(3);
  await one.sharedSet({ path: "last", value: 4 });
  await two.sharedSet({ path: "last", value: "theirs", base: 3 });
  inFile(home, "delete from event");
  await one.sharedSet({ path: "last", value: 5 });
  expect([await next(), await next(), await next()]).toEqual([4, 5, "conflict"]);
  await one.sharedSet({ path: "last", value: 6 });
  expect(await next()).toBe(6);
  await changes.return(undefined);
  await one.sharedPrune({ before: 5 });
  await refusal(one.sharedWatch({ after: 2 }), "NOT_FOUND");
});

test("[XCS-11] a version that is missing in the middle is named", async () => {
  const { one, home } = await written(5);
  inFile(home, "delete from context_version where version = 3");
  expect(await one.sharedVerify({})).toMatchObject({ lastGood: 2, broken: { version: 3, problem: "it is missing" } });
});

test("[XCS-11] the program says what would go, what went, and what it cannot take", async () => {
  const { home } = await written(6);
  const run = (...args: string[]): ReturnType<typeof runBerth> => runBerth(["-C", home, "shared", "prune", ...args]);
  expect((await run("--keep", "2", "--dry-run", "--json")).stdout).toContain('"removed":4');
  expect((await run("--keep", "2")).stdout).toBe("4 versions are gone; the oldest that is left is 5.\n");
  expect((await run()).code).toBe(2);
  expect((await run("--before", "99")).code).toBe(3);
});
