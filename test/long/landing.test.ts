import { join } from "node:path";
import { expect, test } from "vitest";
import { commitWork } from "../support/crash-worlds.ts";
import { longCount } from "../support/long-count.ts";
import { done, startWorker, type Worker } from "../support/processes.ts";
import { planned, sandbox } from "../support/sandbox.ts";

const landers = longCount("agents that land at once", { small: 8, full: 20 });
const verify = `sleep ${longCount("tenths of a second that a verification takes", { small: 3, full: 20 }) / 10}`;

/** Two losses and the landing itself: in the queue nobody is passed. */
const TRIES = 3;

for (const machines of ["one machine", "a machine each"] as const) {
  test(`[INV-10] [ASP-25] many land at once on ${machines}, while others claim and release: all land in bounded tries`, async () => {
    const box = sandbox();
    const first = box.clone("planner");
    const planner = await box.open(first, "planner");
    await planner.init({});
    const others = await Promise.all(
      Array.from({ length: 4 }, (_, i) => planned(planner, `Claimed and released ${i}`)),
    );
    const agents: { worker: Worker; id: string }[] = [];
    for (let i = 0; i < landers + others.length; i++) {
      const id = others[i] ?? (await planned(planner, `Lands ${i}`));
      const dir = box.clone(`clone${i}`);
      const machine = machines === "one machine" ? {} : { machineDir: `${dir}-machine` };
      agents.push({ id, worker: startWorker(box, { dir, agent: `agent ${i}`, ...machine }) });
    }
    const [busy, landing] = [agents.slice(0, others.length), agents.slice(others.length)];
    for (const { worker, id } of landing) {
      done(await worker.run("claim", { id }).answer);
      commitWork(box, join(worker.dir, ".worktrees", id), id, { [`src/${id}.txt`]: `${id}\n` });
    }
    const race = { over: false };
    let turns = 0;
    const around = busy.map(async ({ worker, id }) => {
      while (!race.over) {
        done(await worker.run("claim", { id }).answer);
        done(await worker.run("release", { id, reason: "for the others" }).answer);
        turns++;
      }
    });
    const start = performance.now();
    const answers = await Promise.all(landing.map(({ worker, id }) => worker.run("land", { id, verify }).answer));
    const took = performance.now() - start;
    race.over = true;
    await Promise.all(around);
    const tries = answers.map((answer) => {
      expect(done(answer)).toMatchObject({ landed: { base: "main" } });
      return answer.steps.filter((step) => step === "land.squashed").length;
    });
    console.log(
      `${landers} landings on ${machines} in ${Math.round(took / 1000)} s, ${turns} claims and releases meanwhile, tries: ${tries.join(" ")}`,
    );
    expect(Math.max(...tries)).toBeLessThanOrEqual(TRIES);
    expect(turns).toBeGreaterThan(0);
    const files = box.git(box.hub, "ls-tree", "-r", "--name-only", "main").split("\n");
    expect(files).toEqual(expect.arrayContaining(landing.map(({ id }) => `src/${id}.txt`)));
    expect(box.git(box.hub, "ls-tree", "--name-only", "berth/ledger")).not.toContain("landing.queue");
  });
}
