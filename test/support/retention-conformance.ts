import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { eventsAfter, follow, lastSeq } from "../../src/store/feed.ts";
import { openStore, type StoreOptions } from "../../src/store/open-store.ts";
import type { FeedEvent, Store, Writing } from "../../src/store/store.ts";
import type { Place, Subject } from "./store-conformance.ts";

const DAY = 86_400_000;

/** What every engine must forget alike, and what not. */
export function retention(name: string, subject: Pick<Subject, "open">): void {
  describe(`what is old in a store on ${name}`, () => {
    /** A process that comes later, and looks at once. */
    const later = async ({ address }: { readonly address: string }): Promise<Store> => {
      const store = await openStore({
        ...(JSON.parse(address) as StoreOptions),
        clock: systemClock,
        keepMs: 30 * DAY,
      });
      onTestFinished(() => store.close());
      return store;
    };
    /** One that has looked already when the test begins, and does not look again. */
    const settled = async (): Promise<{ first: Store; place: Place }> => {
      const place = await subject.open(1);
      const [first] = place.stores as [Store];
      await first.write(() => Promise.resolve());
      return { first, place };
    };
    const note = (tx: Writing): Promise<number> => tx.append({ kind: "n", subject: "s", agent: null, data: {} });
    const due = (tx: Writing): Promise<number> => tx.run("update project set tidy_at = 0 where id = $1", tx.project);

    test("goes with a write, a step at a time; numbers are given once, and the young ones stay", async () => {
      const { first, place } = await settled();
      await first.write(async (tx) => {
        for (let n = 0; n < 700; n++) await note(tx);
        await tx.run("update event set at = $2 where project = $1 and seq <= 600", tx.project, tx.now - 31 * DAY);
        await tx.run("update event set at = $2 where project = $1 and seq > 600", tx.project, tx.now - 29 * DAY);
        await due(tx);
      });
      const oldest = async (): Promise<number | undefined> => (await first.read((tx) => eventsAfter(tx, 0)))[0]?.seq;
      const store = await later(place);
      expect(await store.write(note)).toBe(701);
      expect(await oldest()).toBe(501);
      await store.write(due);
      expect(await (await later(place)).write(note)).toBe(702);
      expect(await oldest()).toBe(601);
      await store.write(due);
      expect(await (await later(place)).write(note)).toBe(703);
      expect(await oldest()).toBe(601);
    });

    test("is not looked for by every write, and stays for ever where nobody said how long", async () => {
      const { first, place } = await settled();
      await first.write(note);
      await first.write((tx) => tx.run("update event set at = 0 where project = $1", tx.project));
      await (await later(place)).write(note);
      expect(await first.read((tx) => eventsAfter(tx, 0))).toHaveLength(2);
      await first.write(due);
      const again = await openStore({ ...(JSON.parse(place.address) as StoreOptions), clock: systemClock });
      onTestFinished(() => again.close());
      await again.write(note);
      expect(await first.read((tx) => eventsAfter(tx, 0))).toHaveLength(3);
    });

    test("and what an agent has seen of parts goes where it has seen the whole since", async () => {
      const { first, place } = await settled();
      const seen = [
        ["a", "[]", 5],
        ["a", '["x"]', 5],
        ["a", '["y"]', 6],
        ["b", '["x"]', 1],
      ] as const;
      await first.write(async (tx) => {
        const sql = "insert into context_read (project, agent, path, version) values ($1, $2, $3, $4)";
        for (const row of seen) await tx.run(sql, tx.project, ...row);
        await due(tx);
      });
      await (await later(place)).write(note);
      const left = await first.read((tx) =>
        tx.all<{ agent: string; path: string; version: number }>(
          "select agent, path, version from context_read where project = $1 order by agent, path",
          tx.project,
        ),
      );
      expect(left.map(({ agent, path, version }) => [agent, path, version])).toEqual([
        ["a", '["y"]', 6],
        ["a", "[]", 5],
        ["b", '["x"]', 1],
      ]);
    });

    test("is looked for again although a clock was ahead when it was last done", async () => {
      const { first, place } = await settled();
      await first.write(note);
      await first.write(async (tx) => {
        await tx.run("update event set at = 0 where project = $1", tx.project);
        await tx.run("update project set tidy_at = $2 where id = $1", tx.project, tx.now + 900 * DAY);
      });
      await (await later(place)).write(note);
      expect(await first.read((tx) => eventsAfter(tx, 0))).toMatchObject([{ seq: 2 }]);
    });

    test("are messages that were read or that nobody waits for, decided conflicts and finished tasks", async () => {
      const { first, place } = await settled();
      await first.write((tx) => fill(tx));
      await (await later(place)).write(note);
      const left = await first.read(async (tx) => [
        await tx.all("select seq from message order by seq"),
        await tx.all("select id from context_conflict order by id"),
        await tx.all("select id from task order by id"),
        await tx.all("select task, needs from need order by task"),
        await tx.all("select seq from file_save"),
        await tx.all("select hash from file_text"),
        await tx.all("select id from file_conflict"),
      ]);
      expect(left).toEqual([
        [{ seq: 2 }, { seq: 3 }],
        [{ id: 2 }, { id: 3 }],
        [{ id: "needed" }, { id: "open" }, { id: "young" }],
        [{ task: "open", needs: "needed" }],
        [{ seq: 2 }],
        [{ hash: "h2" }],
        [{ id: 2 }],
      ]);
    });

    test("is told to who follows the feed and had not seen it, and so is a store that begins anew", async () => {
      const place = await subject.open(1);
      const [store] = place.stores as [Store];
      for (let n = 0; n < 6; n++) await store.write(note);
      await store.write((tx) => tx.run("delete from event where project = $1 and seq <= 4", tx.project));
      expect(await firstOf(store, 2)).toMatchObject([
        { seq: 4, kind: "feed.missed", data: { from: 3, to: 4 } },
        { seq: 5, kind: "n" },
        { seq: 6, kind: "n" },
      ]);
      expect(await firstOf(store, 4)).toMatchObject([{ seq: 5 }, { seq: 6 }]);
      await store.write((tx) => tx.run("delete from event where project = $1", tx.project));
      expect(await firstOf(store, 5)).toMatchObject([{ seq: 6, kind: "feed.missed", data: { from: 6, to: 6 } }]);
      expect(await firstOf(store, 900)).toMatchObject([{ seq: 0, kind: "feed.missed", data: { from: 901, to: null } }]);
      expect(await store.read(lastSeq)).toBe(6);
    });
  });
}

async function firstOf(store: Store, seq: number): Promise<readonly FeedEvent[]> {
  for await (const events of follow(store, seq, AbortSignal.timeout(20_000))) return events;
  return [];
}

/** Of each kind one that is old and over, one that is young, and one that is old and not over. */
async function fill(tx: Writing): Promise<void> {
  const [old, young] = [tx.now - 31 * DAY, tx.now - DAY];
  await tx.run(
    `insert into agent (project, id, role, client, capabilities, session, task, place, process, registered_at, beat_at)
     values ($1, 'here', 'r', 'c', '[]', null, null, '/', '{}', $2, $2)`,
    tx.project,
    old,
  );
  for (const [seq, recipient, at, read] of [
    [1, "here", old, old],
    [2, "here", old, young],
    [3, "here", old, null],
    [4, "gone", old, null],
  ] as const)
    await tx.run(
      `insert into message (project, seq, recipient, sender, kind, body, data, at, read_at)
       values ($1, $2, $3, null, 'k', 'b', '{}', $4, $5)`,
      tx.project,
      seq,
      recipient,
      at,
      read,
    );
  for (const [id, resolved] of [
    [1, old],
    [2, young],
    [3, null],
  ] as const)
    await tx.run(
      `insert into context_conflict (project, id, path, reason, sides, ours_by, theirs_by, version, at, resolved_at, resolution)
       values ($1, $2, '[]', 'r', '{}', null, 't', 1, $3, $4, null)`,
      tx.project,
      id,
      old,
      resolved,
    );
  for (const [seq, at] of [
    [1, old],
    [2, young],
  ] as const) {
    await tx.run(
      "insert into file_save (project, seq, place, path, was, hash, agent, at) values ($1, $2, 'p', 'f', 'w', 'h', 'a', $3)",
      tx.project,
      seq,
      at,
    );
    await tx.run("insert into file_text (project, hash, body, at) values ($1, $2, 'b', $3)", tx.project, `h${seq}`, at);
    await tx.run(
      `insert into file_conflict (project, id, place, path, reason, hunks, ours, theirs, kept, ours_by, theirs_by, at, resolved_at)
       values ($1, $2, 'p', 'f', 'overlap', '[]', 'o', 't', 'k', null, 'a', $3, $4)`,
      tx.project,
      seq,
      old,
      seq === 1 ? old : null,
    );
  }
  for (const [id, status, at] of [
    ["done", "done", old],
    ["needed", "done", old],
    ["young", "done", young],
    ["open", "queued", old],
  ] as const)
    await tx.run(
      `insert into task (project, id, title, role, priority, depends, status, agent, note, context, failures,
         max_failures, created_by, created_at, changed_at)
       values ($1, $2, 't', null, 1, '[]', $3, null, null, '{}', '[]', 3, null, $4, $4)`,
      tx.project,
      id,
      status,
      at,
    );
  await tx.run("insert into need (project, task, needs) values ($1, 'open', 'needed'), ($1, 'done', 'x')", tx.project);
  await tx.run("update project set tidy_at = 0 where id = $1", tx.project);
}
