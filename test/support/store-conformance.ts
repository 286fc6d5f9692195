import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { follow, eventsAfter, lastSeq } from "../../src/store/feed.ts";
import type { FeedEvent, Store } from "../../src/store/store.ts";

/** How one engine is opened: here, and by a process of its own. */
export interface Subject {
  /** A store that nobody else uses, opened `count` times as by as many processes. */
  open(count: number): Promise<Place>;
}

export interface Place {
  readonly stores: readonly Store[];
  /** What a process of its own opens the same store by, see `store-worker.ts`. */
  readonly address: string;
}

const worker = join(import.meta.dirname, "store-worker.ts");

/** Starts processes on a store and waits until all of them have ended well. */
async function processes(address: string, count: number, ...job: readonly string[]): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const child = spawn(process.execPath, [worker, address, String(i), ...job], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
      const [code] = (await once(child, "close")) as [number | null];
      expect(code, err).toBe(0);
      return out;
    }),
  );
}

const note = (kind: string, subject: string): Omit<FeedEvent, "seq" | "at"> => ({
  kind,
  subject,
  agent: null,
  data: {},
});

/** What every engine must do alike. */
export function conformance(name: string, subject: Subject): void {
  describe(`a store on ${name}`, () => {
    test("keeps what was written, and nothing of a transaction that failed", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      await a.write((tx) =>
        tx.run("insert into epoch (project, session, epoch) values ($1, $2, $3)", tx.project, "s", 1),
      );
      await expect(
        a.write(async (tx) => {
          await tx.run("update epoch set epoch = $1 where project = $2", 9, tx.project);
          await tx.append(note("never", "s"));
          throw new Error("stopped");
        }),
      ).rejects.toThrow("stopped");
      const row = await b.read((tx) =>
        tx.one("select epoch from epoch where project = $1 and session = $2", tx.project, "s"),
      );
      expect(row).toEqual({ epoch: 1 });
      expect(await b.read(lastSeq)).toBe(0);
    });

    test("gives text, numbers and nothing back as they were", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const text = "line\nQuote ' \" $1 ?1 \u{1F680} é";
      const big = 2 ** 45 + 1;
      await store.write((tx) =>
        tx.run(
          "insert into message (project, seq, recipient, sender, kind, body, data, at, read_at) values ($1, $2, $3, $4, $5, $6, '{}', $7, $8)",
          tx.project,
          big,
          "r",
          null,
          "k",
          text,
          tx.now,
          null,
        ),
      );
      const row = await store.read((tx) =>
        tx.one<Record<string, unknown>>(
          "select seq, sender, body, read_at from message where project = $1",
          tx.project,
        ),
      );
      expect(row).toEqual({ seq: big, sender: null, body: text, read_at: null });
    });

    test("says how many rows a statement changed, and gives none for none", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      const counts = await store.write(async (tx) => [
        await tx.run("insert into epoch (project, session, epoch) values ($1, 'a', 1), ($1, 'b', 1)", tx.project),
        await tx.run("update epoch set epoch = 2 where project = $1 and epoch < 2", tx.project),
        await tx.run("update epoch set epoch = 2 where project = $1 and epoch < 2", tx.project),
      ]);
      expect(counts).toEqual([2, 2, 0]);
      expect(await store.read((tx) => tx.one("select 1 from epoch where session = 'none'"))).toBeUndefined();
      expect(await store.read((tx) => tx.all("select 1 from epoch where session = 'none'"))).toEqual([]);
    });

    test("[INV-7] numbers its events without a gap, in the order in which they become visible", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      const seen: FeedEvent[] = [];
      const stop = new AbortController();
      const watching = (async () => {
        for await (const events of follow(store, 0, stop.signal)) {
          seen.push(...events);
          if (seen.length >= 6 * 40) stop.abort();
        }
      })();
      await processes(address, 6, "append", "40");
      await watching;
      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, i) => i + 1));
      for (let i = 0; i < 6; i++)
        expect(seen.filter((e) => e.subject === String(i)).map((e) => e.data["n"])).toEqual(
          Array.from({ length: 40 }, (_, n) => n),
        );
      expect(await store.read((tx) => eventsAfter(tx, 230))).toHaveLength(10);
    }, 60_000);

    test("loses no update of processes that read and then write", async () => {
      const { stores, address } = await subject.open(1);
      const [store] = stores as [Store];
      await store.write((tx) =>
        tx.run("insert into epoch (project, session, epoch) values ($1, 'counter', 0)", tx.project),
      );
      await processes(address, 6, "count", "40");
      expect(
        await store.read((tx) =>
          tx.one("select epoch from epoch where project = $1 and session = 'counter'", tx.project),
        ),
      ).toEqual({ epoch: 240 });
    }, 60_000);

    test("wakes a listener in another process's place, and misses no write made before the wait", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      const listening = await b.listen();
      await a.write((tx) => tx.append(note("first", "x")));
      await listening.wake(30_000);
      expect(await b.read(lastSeq)).toBe(1);
      const stop = new AbortController();
      const waiting = listening.wake(30_000, stop.signal).then(
        () => "woken",
        () => "stopped",
      );
      stop.abort(new Error("enough"));
      expect(["woken", "stopped"]).toContain(await waiting);
      await listening.close();
    });

    test("runs what one process asks at once one after the other", async () => {
      const { stores } = await subject.open(1);
      const [store] = stores as [Store];
      await Promise.all(Array.from({ length: 30 }, (_, i) => store.write((tx) => tx.append(note("n", String(i))))));
      expect(await store.read(lastSeq)).toBe(30);
    });

    test("is made by one of many processes that open it for the first time", async () => {
      const { address } = await subject.open(0);
      expect(new Set(await processes(address, 6, "open"))).toEqual(new Set(["0\n"]));
    }, 60_000);
  });
}
