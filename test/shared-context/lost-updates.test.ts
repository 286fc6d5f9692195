import { expect, test } from "vitest";
import { three } from "./three.ts";

test("[XCS-08] [XCS-09] a write elsewhere, or one that was refused, does not make known what its writer never read", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "k", value: 1 });
  await one.sharedSet({ path: "map", value: { mine: 1 } });
  for (const reader of [one, two]) await reader.sharedGet({});
  await two.sharedSet({ path: "k", value: 2 });
  expect(await one.sharedSet({ path: "j", value: 5 })).toMatchObject({ conflict: null });
  const refused = await one.sharedSet({ path: "k", value: 3 });
  expect(refused.conflict).toMatchObject({ base: 1, ours: 2, theirs: 3, oursBy: "two", theirsBy: "one" });
  const again = await one.sharedSet({ path: "k", value: 3 });
  expect(again.conflict?.id).toBe(refused.conflict?.id);
  expect(await two.sharedGet({ path: "k" })).toMatchObject({ value: 2, conflicts: [{ id: refused.conflict?.id }] });
  expect((await two.inbox({})).messages.map(({ kind }) => kind)).toEqual(["context.conflict"]);
  await one.sharedGet({ path: "k" });
  expect(await one.sharedSet({ path: "k", value: 3 })).toMatchObject({ conflict: null });
});

test("[XCS-08] who reads one key has not seen the others", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "", value: { a: 1, b: { c: 1 } } });
  await two.sharedGet({});
  await one.sharedSet({ path: "a", value: 2 });
  await one.sharedSet({ path: "b.c", value: 2 });
  await two.sharedGet({ path: "b" });
  expect(await two.sharedSet({ path: "b.c", value: 3 })).toMatchObject({ conflict: null });
  expect((await two.sharedSet({ path: "a", value: 3 })).conflict).toMatchObject({ base: 1, ours: 2, theirs: 3 });
});

test("[XCS-08] a writer is not in conflict with what it wrote itself, and does not undo what was merged into that", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "list", value: ["x"] });
  await one.sharedSet({ path: "map", value: { a: { n: 1 } } });
  for (const reader of [one, two]) await reader.sharedGet({});
  await two.sharedSet({ path: "list", value: ["x", "y"] });
  await two.sharedSet({ path: "map.b", value: { n: 1 } });
  expect(await one.sharedSet({ path: "list", value: ["x", "z"] })).toMatchObject({ merged: true });
  expect(await one.sharedSet({ path: "list", value: ["x", "z", "w"] })).toMatchObject({ conflict: null });
  expect((await one.sharedSet({ path: "map.a.n", value: 2 })).conflict).toBeNull();
  expect(await one.sharedSet({ path: "map", value: { a: { n: 3 } } })).toMatchObject({ merged: true, conflict: null });
  expect(await one.sharedSet({ path: "map", value: { a: { n: 4 } } })).toMatchObject({ merged: true, conflict: null });
  const { value } = await two.sharedGet({});
  expect(value).toEqual({ list: ["x", "y", "z", "w"], map: { a: { n: 4 }, b: { n: 1 } } });
});

test("[XCS-09] to remove what one has not seen is a conflict; to remove nothing is no merge", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "gone", value: 1 });
  const { conflict } = await two.sharedSet({ path: "gone", value: undefined });
  expect(conflict).toMatchObject({ ours: 1, reason: "deleted-and-changed" });
  expect(await two.sharedSet({ path: "x.y", value: undefined })).toMatchObject({ merged: false, conflict: null });
});

test("[XCS-08] a stale write is merged at a key of any length and of any characters", async () => {
  const { one, two } = await three();
  for (const length of [1980, 1981, 1990]) {
    const path = `${"x".repeat(length % 2)}${"🙂".repeat(length)}`;
    await one.sharedSet({ path, value: { a: 1 } });
    await two.sharedGet({ path });
    await one.sharedSet({ path: `${path}.b`, value: 1 });
    expect(await two.sharedSet({ path, value: { a: 2 } })).toMatchObject({ merged: true, conflict: null });
    expect((await one.sharedGet({ path })).value).toEqual({ a: 2, b: 1 });
  }
});
