import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { refusal } from "../support/session.ts";
import { three } from "./three.ts";

test("[XCS-07] [INV-7] an old export that is imported puts no old value back", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "k", value: 1 });
  const { context } = await one.sharedExport({});
  await two.sharedGet({});
  await two.sharedSet({ path: "k", value: 2 });
  expect(await one.sharedImport({ text: JSON.stringify(context) })).toMatchObject({ version: 2, conflicts: 0 });
  const changed = { ...context, shared_knowledge: { k: 3, new: 1 } };
  expect(await one.sharedImport({ text: JSON.stringify(changed) })).toMatchObject({ version: 3, conflicts: 1 });
  expect(await two.sharedGet({})).toMatchObject({ value: { k: 2, new: 1 }, conflicts: [{ ours: 2, theirs: 3 }] });
  const messages = (await two.inbox({})).messages.map(({ kind }) => kind);
  expect(messages).toContain("context.conflict");
});

test("[XCS-07] what an import finds beside the knowledge stays when a later one has other keys", async () => {
  const { one } = await three();
  for (const beside of [{ extra: { q: 1 } }, { other: 2 }])
    await one.sharedImport({ text: JSON.stringify({ shared_knowledge: {}, ...beside }) });
  expect((await one.sharedExport({})).context).toMatchObject({ extra: { q: 1 }, other: 2 });
});

test("[INV-7] an import is refused where what is shared is no map, which would be lost", async () => {
  const { one } = await three();
  await one.sharedSet({ path: "", value: ["precious"] });
  const { hint } = await refusal(one.sharedImport({ text: '{"shared_knowledge":{"a":1}}' }), "INVALID");
  expect(hint).toContain("berth shared get");
  expect((await one.sharedGet({})).value).toEqual(["precious"]);
});

test("[XCS-07] the export says of an agent what state it is in", async () => {
  const { one, home } = await three();
  await one.register({ id: "one", role: "frontend" });
  const database = new DatabaseSync(join(home, ".git/berth/live/store.db"));
  database.exec("update agent set beat_at = beat_at - 3600000");
  database.close();
  const [row] = (await one.agents({})).agents;
  expect(row?.state).not.toBe("live");
  expect((await one.sharedExport({})).context).toMatchObject({ sessions: [{ session_id: "one", status: row?.state }] });
});

test("[XCS-07] [INV-7] an export of a version that was pruned is refused, and puts no old value back", async () => {
  const { one, two } = await three();
  for (const path of ["a", "b"]) await one.sharedSet({ path, value: 1 });
  const { context } = await one.sharedExport({});
  await two.sharedGet({});
  for (const [path, value] of Object.entries({ a: 2, b: 2 })) await two.sharedSet({ path, value });
  await one.sharedPrune({ keep: 1 });
  const refused = await refusal(one.sharedImport({ text: JSON.stringify(context) }), "NOT_FOUND");
  expect(refused).toMatchObject({
    facts: { version: 2, oldest: 4 },
    hint: expect.stringContaining("berth shared export"),
  });
  expect((await one.sharedGet({})).value).toEqual({ a: 2, b: 2 });
  const { version_number: _, ...elsewhere } = context;
  expect(await one.sharedImport({ text: JSON.stringify(elsewhere) })).toMatchObject({ version: 5 });
});

test("[XCS-07] an import that changes nothing is told to nobody", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "k", value: 1 });
  const { context } = await one.sharedExport({});
  await two.sharedGet({});
  await two.sharedSet({ path: "k", value: 2 });
  expect(await one.sharedImport({ text: JSON.stringify(context) })).toMatchObject({ version: 2, conflicts: 0 });
  for (const agent of [one, two]) expect((await agent.inbox({})).messages).toEqual([]);
});
