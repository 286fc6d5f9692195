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
