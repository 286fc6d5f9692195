import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { type Team, team } from "../support/session.ts";

async function two(): Promise<Team & { one: Berth; two: Berth; database: DatabaseSync }> {
  const at = await team({ remote: false });
  const [one, two] = [await at.box.open(at.home, "one"), await at.box.open(at.home, "two")];
  await one.sharedSet({ path: "a", value: 1 });
  const database = new DatabaseSync(join(at.home, ".git/berth/live/store.db"));
  onTestFinished(() => database.close());
  return { ...at, one, two, database };
}

test("[XCS-14] who reads waits for no writer, and its next write starts from what it has read", async () => {
  const { one, two: reader, database, box, home } = await two();
  await one.sharedSet({ path: "a", value: 2 });
  database.exec("begin immediate");
  expect(await reader.sharedGet({})).toMatchObject({ version: 2, value: { a: 2 } });
  expect(await reader.sharedGet({ path: "a" })).toMatchObject({ version: 2, value: 2 });
  database.exec("commit");
  expect(await reader.sharedSet({ path: "a", value: 3 })).toMatchObject({ version: 3, merged: false, conflict: null });
  await one.sharedGet({});
  const later = await box.open(home, "later");
  await later.sharedGet({});
  await (await later.project.store.open()).close();
  const noted = database.prepare("select agent, path, version from context_read order by agent, path").all();
  expect(noted.map((row) => ({ ...row }))).toEqual([
    { agent: "later", path: "[]", version: 3 },
    // Of no use any more; it goes when the store is tidied.
    { agent: "one", path: '["a"]', version: 2 },
    { agent: "one", path: "[]", version: 3 },
    { agent: "two", path: '["a"]', version: 3 },
    { agent: "two", path: "[]", version: 2 },
  ]);
});

test("[XCS-15] of a large document only what differs is kept, however it is written", async () => {
  const { one, two: other, database } = await two();
  const items = (n: number): Record<string, { text: string }> =>
    Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`item-${i}`, { text: `${"x".repeat(1000)} ${i % n}` }]));
  const { version } = await one.sharedSet({ path: "", value: { items: items(50) } });
  await one.sharedSet({ path: "", value: { items: { ...items(50), "item-3": { text: "three" } } }, base: version });
  await other.sharedSet({ path: "", value: { items: { ...items(50), "item-4": { text: "four" } } }, base: version });
  await one.sharedSet({ path: "items.item-5", value: undefined });
  await one.sharedRollback({ version });
  const { versions } = await one.sharedHistory({ limit: 4 });
  expect(versions.map(({ paths }) => paths)).toEqual([
    ["items.item-3.text", "items.item-4.text", "items.item-5"],
    ["items.item-5"],
    ["items.item-4.text"],
    ["items.item-3.text"],
  ]);
  const { length } = database
    .prepare("select sum(length(changes)) as length from context_version where version > 2")
    .get() as { length: number };
  expect(length).toBeLessThan(20_000);
  expect((await one.sharedGet({})).value).toEqual({ items: items(50) });
  expect((await other.sharedGet({ version: 4 })).value).toMatchObject({
    items: { "item-3": { text: "three" }, "item-4": { text: "four" } },
  });
  expect(await one.sharedVerify({})).toMatchObject({ sound: true, checked: 6 });
});

test("[XCS-15] who starts anew has no long way to walk: what was written since the newest snapshot stays short", async () => {
  const { one, database } = await two();
  const write = async (from: number, to: number): Promise<number[]> => {
    for (let n = from; n < to; n++) await one.sharedSet({ path: "text", value: `${n}${"x".repeat(100_000)}` });
    const found = database.prepare("select version from context_snapshot order by version").all();
    return found.map(({ version }) => Number(version));
  };
  // Each version keeps what was there before as well.
  expect(await write(0, 4)).toEqual([]);
  const [first = 0, ...others] = await write(4, 9);
  expect([first >= 6, others]).toEqual([true, []]);
  const [second = 0, ...more] = await write(9, 16);
  expect([second >= first + 5, more]).toEqual([true, []]);
});
