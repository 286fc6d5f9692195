import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { refusal } from "../support/session.ts";
import { three } from "./three.ts";

/** Both start from one value of `path`, and each writes its own. */
async function both(agents: readonly [Berth, Berth], path: string, values: readonly unknown[]): Promise<void> {
  const [first, second] = agents;
  const { version: base } = await first.sharedSet({ path, value: values[0] as never });
  await first.sharedSet({ path, value: values[1] as never, base });
  expect((await second.sharedSet({ path, value: values[2] as never, base })).conflict).not.toBeNull();
}

test("[XCS-09] a conflict in an item of a list is resolved by any decision, and the rest of the list stays", async () => {
  const { one, two } = await three();
  const tasks = (title: string, other: string): unknown => [
    { id: "t1", title },
    { id: "t2", title: other },
  ];
  await both([one, two], "tasks", [tasks("a", "b"), tasks("AA", "b"), tasks("BB", "b2")]);
  expect(await one.sharedGet({ path: "tasks.t1.title" })).toMatchObject({ value: "AA", conflicts: [{ theirs: "BB" }] });
  await one.sharedResolve({ path: "tasks.t1.title", decision: { take: "theirs" } });
  expect(await one.sharedGet({ path: "tasks" })).toMatchObject({ value: tasks("BB", "b2"), conflicts: [] });
  const item = (x: number): unknown => ({ id: 2, x });
  await both([one, two], "list", [[{ id: 1 }, item(1)], [{ id: 1 }], [{ id: 1 }, item(9)]]);
  await refusal(one.sharedResolve({ path: "list.2", decision: { value: { x: 9 } } }), "INVALID");
  await one.sharedResolve({ path: "list.2", decision: { take: "theirs" } });
  expect(await one.sharedGet({ path: "list" })).toMatchObject({ value: [{ id: 1 }, item(9)], conflicts: [] });
  await both([one, two], "list", [[{ id: 1 }, item(1)], [{ id: 1 }, item(2)], [{ id: 1 }]]);
  await one.sharedResolve({ path: "list.2", decision: { take: "theirs" } });
  expect(await one.sharedGet({ path: "list" })).toMatchObject({ value: [{ id: 1 }], conflicts: [] });
});

test("[XCS-09] ours is what stands when it is decided, also where the place is gone", async () => {
  const { one, two, three: other } = await three();
  await both([one, two], "v", [1, 2, 3]);
  await both([one, two], "m.x", [1, 2, 3]);
  await other.sharedGet({});
  await other.sharedSet({ path: "v", value: 50 });
  const { version } = await other.sharedSet({ path: "m", value: "gone" });
  expect(await one.sharedResolve({ path: "v", decision: { take: "ours" } })).toMatchObject({ version });
  const refused = await refusal(one.sharedResolve({ path: "m.x", decision: { take: "theirs" } }), "INVALID");
  expect(refused.hint).toContain("berth shared resolve m.x --take ours");
  await one.sharedResolve({ path: "m.x", decision: { take: "ours" } });
  expect(await one.sharedGet({})).toMatchObject({ version, value: { v: 50, m: "gone" }, conflicts: [] });
});

test("[XCS-09] of a text only the lines that both changed are in conflict, and no other line goes with a decision", async () => {
  const { one, two } = await three();
  const lines = (first: string, fourth: string, last: string): string =>
    [first, "2", "3", fourth, "5", "6", "7", last, ""].join("\n");
  for (const [take, first] of [
    ["theirs", "B"],
    ["ours", "A"],
    ["base", "1"],
  ] as const) {
    await both([one, two], take, [lines("1", "4", "8"), lines("A", "4", "A8"), lines("B", "B4", "8")]);
    await one.sharedResolve({ path: take, decision: { take } });
    expect((await one.sharedGet({ path: take })).value).toBe(lines(first, "B4", "A8"));
  }
});

const told = async (agent: Berth): Promise<string | undefined> => (await agent.inbox({})).messages.at(-1)?.text;

test("[XCS-09] [INV-7] a decision on the order of a list keeps what was written in the list since", async () => {
  const { one, two, three: later } = await three();
  const list = (...ids: string[]): unknown => ids.map((id) => ({ id }));
  await both([one, two], "o", [list("a", "b", "c", "d"), list("d", "a", "b", "c"), list("a", "d", "b", "c")]);
  await later.sharedGet({ path: "o" });
  const changed = [{ id: "d" }, { id: "a", v: 2 }, { id: "b" }, { id: "c" }, { id: "new" }];
  expect(await later.sharedSet({ path: "o", value: changed })).toMatchObject({ conflict: null });
  expect(await two.sharedResolve({ path: "o", decision: { take: "theirs" } })).toMatchObject({ merged: true });
  const value = [{ id: "a", v: 2 }, { id: "d" }, { id: "b" }, { id: "c" }, { id: "new" }];
  expect(await one.sharedGet({ path: "o" })).toMatchObject({ value, conflicts: [] });
  expect(await told(later)).toContain("two decided the conflict at o");
});

test("[XCS-09] [INV-7] a decision overwrites nothing that its maker has not read, and says whose it was", async () => {
  const { one, two, three: later } = await three();
  for (const [path, decision] of [
    ["own", { value: 5 }],
    ["taken", { take: "theirs" }],
  ] as const) {
    await both([one, two], path, [1, 2, 3]);
    await later.sharedGet({ path });
    const { version } = await later.sharedSet({ path, value: 7 });
    const refused = await refusal(two.sharedResolve({ path, decision }), "MERGE_CONFLICT");
    expect(refused).toMatchObject({ facts: { path, since: [{ agent: "three", version }] } });
    expect(refused.hint).toContain(`berth shared get ${path}`);
    expect(await two.sharedGet({ path })).toMatchObject({ value: 7, conflicts: [{ theirs: 3 }] });
    await two.sharedResolve({ path, decision });
    expect(await one.sharedGet({ path })).toMatchObject({ value: path === "own" ? 5 : 3, conflicts: [] });
    expect(await told(later)).toContain(`two decided the conflict at ${path}`);
  }
});

test("[XCS-09] [INV-7] a decision on lines of a text keeps the lines that were written since", async () => {
  const { one, two, three: later } = await three();
  const text = (first: string, fifth: string): string => [first, "2", "3", "4", fifth, ""].join("\n");
  await both([one, two], "t", [text("1", "5"), text("A", "5"), text("B", "5")]);
  await later.sharedSet({ path: "t", value: text("1", "C"), base: 1 });
  await one.sharedResolve({ path: "t", decision: { take: "theirs" } });
  expect((await one.sharedGet({ path: "t" })).value).toBe(text("B", "C"));
  expect(await told(later)).toContain("one decided the conflict at t");
});

test("[XCS-09] why a conflict was decided is told to its writers and to who watches, also where nothing changed", async () => {
  const { one, two, three: watcher } = await three();
  await both([one, two], "k", [1, 2, 3]);
  const changes = await watcher.sharedWatch({ path: "k" });
  await one.sharedResolve({ path: "k", decision: { take: "ours" }, message: "two is right" });
  expect(await told(two)).toContain("two is right");
  expect((await changes.next()).value).toMatchObject({ kind: "resolved", message: "two is right" });
  await changes.return(undefined);
});
