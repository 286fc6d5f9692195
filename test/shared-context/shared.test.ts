import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { refusal } from "../support/session.ts";
import { three } from "./three.ts";

test("[XCS-08] changes of different places merge by themselves, from whatever version they started", async () => {
  const { one, two } = await three();
  const { version } = await one.sharedSet({ path: "tasks", value: { a: { title: "A" }, b: { title: "B" } } });
  await two.sharedGet({});
  expect(await one.sharedSet({ path: "tasks.a.title", value: "A1", base: version })).toMatchObject({
    merged: false,
    conflict: null,
  });
  expect(await two.sharedSet({ path: "tasks", value: { a: { title: "A" }, b: { title: "B2" }, c: {} } })).toMatchObject(
    { merged: true, conflict: null },
  );
  expect((await one.sharedGet({ path: "tasks" })).value).toEqual({ a: { title: "A1" }, b: { title: "B2" }, c: {} });
  expect((await one.inbox({})).messages).toMatchObject([{ kind: "context.merged", from: "two" }]);
  expect((await two.inbox({})).messages).toMatchObject([{ kind: "context.merged", from: "two" }]);
});

test("[XCS-09] [INV-7] two values for one place are both kept, told to both writers, seen by every reader, and resolved by a verb", async () => {
  const { one, two, three: reader } = await three();
  await one.sharedSet({ path: "api.version", value: 1 });
  await two.sharedGet({});
  await one.sharedSet({ path: "api.version", value: 2 });
  const lost = await two.sharedSet({ path: "api.version", value: 3 });
  expect(lost.conflict).toMatchObject({
    path: "api.version",
    base: 1,
    ours: 2,
    theirs: 3,
    oursBy: "one",
    theirsBy: "two",
  });
  for (const path of ["", "api", "api.version"]) expect((await reader.sharedGet({ path })).conflicts).toHaveLength(1);
  expect(await reader.sharedGet({ path: "api.version" })).toMatchObject({ value: 2 });
  expect((await reader.sharedGet({ path: "other" })).conflicts).toEqual([]);
  for (const writer of [one, two])
    expect((await writer.inbox({})).messages.map(({ kind }) => kind)).toEqual(["context.conflict"]);
  expect((await reader.status({})).needsYou).toMatchObject([
    { kind: "context.conflict", next: "berth shared resolve api.version --take theirs" },
  ]);
  const resolved = await reader.sharedResolve({ path: "api.version", decision: { take: "theirs" } });
  expect(resolved.resolved).toHaveLength(1);
  expect(await one.sharedGet({ path: "api.version" })).toMatchObject({ value: 3, conflicts: [] });
  expect((await one.inbox({})).messages).toMatchObject([
    { text: expect.stringContaining("three decided the conflict") as unknown },
  ]);
  await refusal(reader.sharedResolve({ path: "api.version", decision: { value: 4 } }), "NOT_FOUND");
});

test("[XCS-09] who never read starts from nothing, so that he overwrites nothing he has not seen", async () => {
  const { one, two } = await three();
  await one.sharedSet({ path: "plan", value: "ours" });
  expect((await two.sharedSet({ path: "plan", value: "theirs" })).conflict).toMatchObject({
    ours: "ours",
    theirs: "theirs",
    reason: "both-added",
  });
  expect(await two.sharedSet({ path: "plan", value: "theirs", base: 1 })).toMatchObject({ conflict: null });
});

test("[XCS-10] a key is merged as its policy says", async () => {
  const { one, two } = await three({
    shared: { policies: { seen: "union", "counts.*": "maximum", note: "last-write", "critical.**": "manual" } },
  });
  await one.sharedSet({ path: "seen", value: ["a"] });
  await one.sharedSet({ path: "counts", value: { x: 1 } });
  await one.sharedSet({ path: "note", value: "n" });
  await one.sharedSet({ path: "critical", value: { a: 1, b: 1 } });
  const base = (await two.sharedGet({})).version;
  const both = async (path: string, ours: never, theirs: never): Promise<unknown> => {
    await one.sharedSet({ path, value: ours, base });
    const { conflict } = await two.sharedSet({ path, value: theirs, base });
    return [(await one.sharedGet({ path })).value, conflict === null];
  };
  expect(await both("seen", ["b"] as never, ["a", "c"] as never)).toEqual([["b", "a", "c"], true]);
  expect(await both("counts.x", 7 as never, 5 as never)).toEqual([7, true]);
  expect(await both("note", "first" as never, "second" as never)).toEqual(["second", true]);
  expect(await both("critical", { a: 2, b: 1 } as never, { a: 1, b: 2 } as never)).toEqual([{ a: 2, b: 1 }, false]);
});

test("[XCS-11] versions are numbered and chained; a rollback is a new one; older ones can be read and compared", async () => {
  const { one } = await three();
  for (const n of [1, 2, 3]) await one.sharedSet({ path: `k${n}`, value: n, message: `k${n}` });
  await one.sharedSet({ path: "k1", value: undefined });
  await one.sharedSnapshot({ message: "before" });
  expect((await one.sharedGet({ version: 2 })).value).toEqual({ k1: 1, k2: 2 });
  expect((await one.sharedDiff({ from: 2 })).changes).toEqual([
    { path: "k1", before: 1 },
    { path: "k3", after: 3 },
  ]);
  expect(await one.sharedRollback({ version: 2 })).toMatchObject({ version: 5, restored: 2 });
  expect((await one.sharedGet({})).value).toEqual({ k1: 1, k2: 2 });
  expect((await one.sharedGet({ version: 4 })).value).toEqual({ k2: 2, k3: 3 });
  const { versions, snapshots } = await one.sharedHistory({});
  expect(versions.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
  expect(snapshots).toMatchObject([{ version: 4, message: "before" }]);
  for (const { hash } of versions) expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await one.sharedVerify({})).toEqual({ sound: true, first: 1, checked: 5, lastGood: 5, broken: null });
  await refusal(one.sharedGet({ version: 9 }), "NOT_FOUND");
});

test("[XCS-18] [INV-8] a version that was changed behind our back is named, with the last good one, and nothing is overwritten", async () => {
  const { home, one } = await three();
  for (const n of [1, 2, 3]) await one.sharedSet({ path: "k", value: n });
  const file = join(home, ".git/berth/live/store.db");
  const database = new DatabaseSync(file);
  database.exec("update context_version set changes = replace(changes, '2', '9') where version = 2");
  expect(await one.sharedVerify({})).toMatchObject({ sound: false, lastGood: 1, broken: { version: 2 } });
  database.exec("update context_version set changes = '[torn' where version = 2");
  database.close();
  const fresh = await (await three()).box.open(home, "fresh");
  await refusal(fresh.sharedGet({ version: 1 }), "STORE_DAMAGED");
  expect(await fresh.sharedVerify({})).toMatchObject({
    sound: false,
    broken: { version: 2, problem: "its changes cannot be read" },
  });
  expect(existsSync(file)).toBe(true);
});

test("[XCS-07] the shared context goes out as the seed's file and comes in from one, unknown keys kept", async () => {
  const { one, two } = await three();
  await one.register({ id: "one", role: "frontend", client: "claude_code_1" });
  await one.lock({ paths: ["src/a.txt"] });
  const seed = {
    project: "dev-rules-starter-kit",
    version: "2.0.0",
    sessions: [{ session_id: "session1_frontend", role: "frontend" }],
    shared_knowledge: { active_feature: "FEAT-1", adoption_level: 2, recent_commits: ["17f5976a"], open_conflicts: [] },
    context_versions: [],
    team_extra: { kept: true },
  };
  expect(await one.sharedImport({ text: JSON.stringify(seed) })).toMatchObject({
    version: 1,
    conflicts: 0,
    passedOver: ["sessions", "context_versions"],
  });
  expect((await two.sharedGet({ path: "active_feature" })).value).toBe("FEAT-1");
  const { context } = await two.sharedExport({});
  expect(context).toMatchObject({
    version: "2.0.0",
    sessions: [
      { session_id: "one", agent_id: "claude_code_1", role: "frontend", status: "active", locked_files: ["src/a.txt"] },
    ],
    shared_knowledge: { active_feature: "FEAT-1", adoption_level: 2, recent_commits: ["17f5976a"], open_conflicts: [] },
    team_extra: { kept: true },
  });
  expect(context["context_versions"]).toMatchObject([{ version: 1, session_id: "one", changes: "Imported" }]);
  expect(await one.sharedImport({ text: JSON.stringify(context) })).toMatchObject({ version: 1 });
  const twice = '{"shared_knowledge":{"a":1,"a":2}}';
  for (const text of ["{torn", "[]", '{"shared_knowledge": 3}', twice])
    await refusal(one.sharedImport({ text }), "INVALID");
});

test("[XCS-08] many writers of one document lose no accepted write", async () => {
  const { box, home, one } = await three();
  const writers = await Promise.all(Array.from({ length: 8 }, (_, i) => box.open(home, `w${i}`)));
  await Promise.all(
    writers.map(async (writer, i) => {
      for (let n = 0; n < 15; n++) {
        await writer.sharedSet({ path: `own.w${i}`, value: n });
        await writer.sharedSet({ path: "all", value: { [`w${i}`]: n }, base: 0 }).catch(() => undefined);
      }
    }),
  );
  const { value } = await one.sharedGet({ path: "own" });
  expect(value).toEqual(Object.fromEntries(writers.map((_, i) => [`w${i}`, 14])));
  expect(await one.sharedVerify({})).toMatchObject({ sound: true });
});

test("hostile keys are keys like any other", async () => {
  const { one } = await three();
  await one.sharedSet({ path: '"__proto__".polluted', value: true });
  await one.sharedSet({ path: "constructor.prototype.polluted", value: true });
  expect((one as unknown as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect((await one.sharedGet({ path: '"__proto__"' })).value).toEqual({ polluted: true });
  await refusal(
    one.sharedSet({ path: "deep", value: JSON.parse("[".repeat(300) + "]".repeat(300)) as never }),
    "INVALID",
  );
  await refusal(one.sharedGet({ path: "a..b" }), "INVALID");
});

test("[XCS-11] every version can be read again exactly as it was, whatever was written where", async () => {
  const { one } = await three();
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;
  const values = [1, "text", [1, 2], {}, { a: { b: 1 } }, null, undefined];
  const were = new Map<number, unknown>();
  for (let i = 0; i < 150; i++) {
    const path = Array.from({ length: random(4) }, () => ["a", "b", "c"][random(3)]).join(".");
    const written = await one
      .sharedSet({ path, value: values[random(values.length)] })
      .catch((error: { code: string }) => error.code);
    if (typeof written === "string") expect(written).toBe("INVALID");
    else were.set(written.version, await one.sharedGet({}));
  }
  expect(were.size).toBeGreaterThan(40);
  for (const [version, { value, found }] of were as Map<number, { value: unknown; found: boolean }>)
    expect(await one.sharedGet({ version }), `version ${version}`).toMatchObject({ value, found });
});

test("[INV-7] a write below something that is no map is refused: that would be lost", async () => {
  const { one } = await three();
  await one.sharedSet({ path: "list", value: [1, 2] });
  const refused = await refusal(one.sharedSet({ path: "list.first", value: 1 }), "INVALID");
  expect(refused.message).toContain("list is no map");
  expect((await one.sharedGet({ path: "list" })).value).toEqual([1, 2]);
});
