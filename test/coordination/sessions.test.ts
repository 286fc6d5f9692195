import { expect, test } from "vitest";
import { enterSession } from "../../src/coordination/agent/session.ts";
import { claimed, commit, team } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

test("[XCS-01] [XCS-06] a claim registers its agent and warns of locks on its paths; its end frees locks and tasks", async () => {
  const { box, home, berth } = await team();
  const other = await box.open(home, "agent two");
  await other.lock({ paths: ["src/a.txt"], reason: "renaming" });
  const id = await planned(berth, "Meets", { paths: ["src/**"] });
  const result = await berth.claim({ id });
  expect((result as { warnings: readonly string[] }).warnings).toEqual([
    expect.stringMatching(/^src\/a\.txt, which the plan names, is locked by agent two until .* \(renaming\)\.$/),
  ]);
  const dir = (result as { workspace: { path: string } }).workspace.path;
  expect((await other.agents({})).agents).toMatchObject([{ id: "agent one", session: id, place: dir, state: "live" }]);
  await berth.lock({ paths: ["src/b.txt"] });
  await other.addTask({ title: "Small", role: "assistant" });
  await berth.takeTask({});
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.complete({ id, tick: ["all"] });
  const after = await other.status({});
  expect(after.locks.map(({ agent }) => agent)).toEqual(["agent two"]);
  expect(after.tasks).toMatchObject([{ status: "queued", agent: null, failures: [] }]);
  expect(after.agents).toMatchObject([{ id: "agent one", session: null }]);
});

test("[XCS-01] an agent that registered itself keeps its role and process when it claims", async () => {
  const { berth } = await team();
  await berth.register({ id: "agent one", role: "backend", pid: process.pid });
  const id = await planned(berth, "Known");
  await claimed(berth, id);
  expect((await berth.agents({})).agents).toMatchObject([
    { role: "backend", session: id, process: { pid: process.pid } },
  ]);
  await berth.release({ id, reason: "later" });
  expect((await berth.agents({})).agents).toMatchObject([{ role: "backend", session: null }]);
});

test("[XCS-16] a take-over frees what the old holder held, and tells him who has it and where his work is", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Taken over");
  const dir = await claimed(berth, id);
  await berth.lock({ paths: ["src/a.txt"] });
  const heir = await box.open(home, "heir");
  await heir.recover({ id, takeOver: true, force: true });
  expect(await heir.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ agent: "heir" }] });
  const [told] = (await berth.inbox({})).messages;
  expect(told).toMatchObject({ kind: "claim.taken-over", from: "heir", data: { session: id, workspace: dir } });
  expect(told?.text).toContain(`untouched in ${dir}`);
  expect((await heir.agents({})).agents).toMatchObject([
    { id: "agent one", session: null },
    { id: "heir", session: id },
  ]);
});

test("[INV-2] the store has no ear for a claim that was replaced before it came to tell", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Late");
  const dir = await claimed(berth, id);
  const heir = await box.open(home, "heir");
  await heir.recover({ id, takeOver: true, force: true });
  await enterSession(berth.project, { agent: "agent one", session: id, epoch: 1, place: dir, paths: [] });
  expect((await heir.agents({})).agents.map(({ id: name, session }) => [name, session])).toEqual([
    ["agent one", null],
    ["heir", id],
  ]);
});
