import { describe, expect, test } from "vitest";
import { lastSeq } from "../../src/store/feed.ts";
import type { Store } from "../../src/store/store.ts";
import type { Subject } from "./store-conformance.ts";

/** What every engine does alike with questions and signs. */
export function signs(name: string, subject: Pick<Subject, "open">): void {
  describe(`a store on ${name}`, () => {
    test("asks of one state, without the time, and notes signs by its own clock in no feed", async () => {
      const { stores } = await subject.open(2);
      const [a, b] = stores as [Store, Store];
      const note = "insert into epoch (project, session, epoch) values ($1, $2, $3)";
      const noted = await a.sign(async (tx) => [
        await tx.run(note, tx.project, "s", 1),
        await tx.run("update epoch set epoch = 2 where project = $1 and session = $2", tx.project, "other"),
        (await tx.one<{ epoch: number }>("update epoch set epoch = 5 where project = $1 returning epoch", tx.project))
          ?.epoch,
      ]);
      expect(noted).toEqual([1, 0, 5]);
      const asked = await b.ask(async (tx) => {
        const [row, clock] = await Promise.all([
          tx.one<{ epoch: number }>("select epoch, $2 as text from epoch where project = $1", tx.project, "$now"),
          tx.one<{ ms: number }>(`select ${tx.moment} as ms`),
        ]);
        // What is written meanwhile belongs to a later state.
        await a.write((later) => later.run("update epoch set epoch = 9 where project = $1", later.project));
        return { row, clock, again: await tx.all("select epoch from epoch where project = $1", tx.project) };
      });
      expect(asked).toMatchObject({ row: { text: "$now" }, again: [{ epoch: asked.row?.epoch }] });
      expect(Math.abs((asked.clock?.ms ?? 0) - (await b.read(async (tx) => tx.now)))).toBeLessThan(10_000);
      expect(await b.ask(lastSeq)).toBe(0);
      await expect(a.sign((tx) => tx.run("update nowhere set x = 1"))).rejects.toThrow();
      await expect(a.ask((tx) => tx.all("select nothing from nowhere"))).rejects.toThrow();
      expect(await a.ask((tx) => tx.all("select epoch from epoch where project = $1", tx.project))).toHaveLength(1);
    });
  });
}
