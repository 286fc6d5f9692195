import { expect, test } from "vitest";
import { type Answer, startWorker } from "../support/processes.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { team } from "../support/session.ts";
import { opened } from "../support/tickets.ts";

/** Lets processes do the same thing at once, each as an agent of its own, and gives their answers. */
async function race(
  box: Sandbox,
  places: readonly { readonly dir: string; readonly agent: string }[],
  verb: string,
  input: Readonly<Record<string, unknown>>,
): Promise<readonly (Answer & { readonly agent: string })[]> {
  const workers = places.map((place) => ({ agent: place.agent, worker: startWorker(box, place) }));
  return Promise.all(workers.map(async ({ agent, worker }) => ({ agent, ...(await worker.run(verb, input).answer) })));
}

for (const remote of [true, false]) {
  test(`[TKT-02] of processes that open one ticket at once, ${remote ? "in clones" : "in one repository"}, one wins, and the others are told who`, async () => {
    const { box, home } = await team({ remote });
    const agents = ["otter", "stoat", "mink", "marten"];
    const places = agents.map((agent) => ({ agent, dir: remote ? box.clone(agent) : home }));
    const input = { phase: "training", issue: "142", title: "Train" };
    const answers = await race(box, places, "ticketOpen", input);
    const [winner, ...more] = answers.filter(({ error }) => error === undefined);
    expect(more).toEqual([]);
    for (const { error } of answers.filter((one) => one.error !== undefined)) {
      expect(error?.code, error?.message).toBe("CLAIM_LOST");
      expect(error?.facts).toMatchObject({ winner: { agent: winner?.agent } });
    }
    expect(box.git(box.hub, "rev-list", "--count", "main..phase/training_142")).toBe("1");
    expect(box.git(box.hub, "log", "-1", "--format=%an", "phase/training_142")).toBe(winner?.agent);
  });
}

test("[TKT-11] of processes that take one ticket at once one wins", async () => {
  const { box, berth } = await team();
  await opened(berth, { noWorkspace: true });
  const places = ["otter", "stoat", "mink"].map((agent) => ({ agent, dir: box.clone(agent) }));
  const answers = await race(box, places, "ticketTake", { ticket: "training_142" });
  expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
  expect(answers.flatMap(({ error }) => error?.code ?? [])).toEqual(["CLAIM_LOST", "CLAIM_LOST"]);
});

test("[TKT-06] processes that close one ticket at once close it once, and open one that follows", async () => {
  const { box, home } = await team();
  const { dir } = await opened(await box.open(home, "otter"));
  await (await box.open(dir, "otter")).ticketTick({ items: ["1", "2", "3", "5"] });
  const answers = await race(
    box,
    ["otter", "otter", "stoat"].map((agent) => ({ agent, dir })),
    "ticketClose",
    {},
  );
  expect(answers.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
  expect(new Set(answers.map(({ result }) => JSON.stringify(result))).size).toBe(1);
  expect(box.git(box.hub, "rev-list", "--count", "main..phase/validation_142")).toBe("3");
  expect(box.git(dir, "status", "--porcelain")).toBe("");
});

test("[TKT-02] [TKT-07] different tickets that are opened at once all are there, and merge without a conflict", async () => {
  const { box, home } = await team();
  const issues = ["1", "2", "3", "4"];
  const answers = await Promise.all(
    issues.map(async (issue) => {
      const worker = startWorker(box, { dir: box.clone(`c${issue}`), agent: `agent-${issue}` });
      return worker.run("ticketOpen", { phase: "training", issue, title: `T${issue}` }).answer;
    }),
  );
  expect(answers.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
  box.git(home, "fetch", "-q", "origin");
  for (const issue of issues) box.git(home, "merge", "-q", "--no-edit", `origin/phase/training_${issue}`);
  const { tickets } = await (await box.open(home)).ticketList({ statuses: ["In progress"] });
  expect(tickets.map(({ title }) => title)).toEqual(["T1", "T2", "T3", "T4"]);
});
