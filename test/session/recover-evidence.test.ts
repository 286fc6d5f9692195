import type Os from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { readAgent } from "../../src/coordination/agent/agent.ts";
import { asIf, client, held, seen } from "../support/holder.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";
import { refusal, team, working } from "../support/session.ts";

/** How much longer the machine runs than it says: a clock that was set, or a start of a moment ago. */
const machine = vi.hoisted(() => ({ runs: (real: number): number => real }));
vi.mock("node:os", async (original) => {
  const os = await original<typeof Os>();
  return { ...os, uptime: () => machine.runs(os.uptime()) };
});
afterEach(() => {
  machine.runs = (real) => real;
});

const tomorrow = { ...systemClock, now: () => Date.now() + 86_400_000 };

/** Two clones that share one store, as agents of one machine may have them. */
async function twoClones(): Promise<{ box: Sandbox; home: string; away: string }> {
  const box = sandbox();
  const home = box.clone("home");
  await (await box.open(home)).init({ store: { path: join(box.dir, "live") } });
  box.git(home, "add", "--all");
  box.git(home, "commit", "--quiet", "-m", "Set up Berth");
  box.git(home, "push", "--quiet", "origin", "main");
  return { box, home, away: box.clone("away") };
}

test("[XCS-03] [XCS-16] of two agents of one name in two clones the end of one shows nothing of the other, nor does its life", async () => {
  const { box, home, away } = await twoClones();
  const [near, far] = [await box.open(home, "otter"), await box.open(away, "otter")];
  const one = client();
  await near.register({ id: "otter", pid: one.pid });
  const first = await working(near, "Near");
  const second = await working(far, "Far");
  const [heir, rival] = [await box.open(home, "heir"), await box.open(away, "rival")];
  const before = await seen(heir, first.id);
  expect(before).toMatchObject({ state: "unknown" });
  expect(before.evidence.join(" ")).toContain(`works on ${second.id}, in ${second.dir}`);
  await one.end();
  expect(await seen(heir, first.id)).toMatchObject({ state: "unknown" });
  expect(await seen(rival, second.id)).toMatchObject({ state: "live" });
  expect(await seen(await box.open(away, "rival", { clock: tomorrow }), second.id)).toMatchObject({ state: "unknown" });
  await refusal(heir.recover({ id: first.id, takeOver: true }), "GATE_REFUSED");
  await refusal(rival.recover({ id: second.id, takeOver: true }), "GATE_REFUSED");
});

test("[XCS-03] the end of an agent's process is no evidence for a claim that one of its name holds elsewhere", async () => {
  const { box, home, away } = await twoClones();
  const far = await box.open(away, "otter");
  const { id } = await working(far, "Far");
  await far.leave({ id: "otter" });
  const one = client();
  // It says itself that it works on that session, from its own clone.
  await (await box.open(home, "otter")).register({ id: "otter", pid: one.pid, session: id });
  await one.end();
  const rival = await box.open(away, "rival");
  expect(await seen(rival, id)).toMatchObject({ state: "unknown" });
  await refusal(rival.recover({ id, takeOver: true }), "GATE_REFUSED");
});

test("[XCS-03] another start of this machine ends what ran before it; a start of another one of its name tells nothing", async () => {
  const { id, holder, heir } = await held();
  const elsewhere = { bootId: "another start", machine: "another machine" };
  const store = await holder.project.store.open();
  const own = (await store.read((tx) => readAgent(tx, "agent one")))?.process.machine;
  machine.runs = () => -1;
  await asIf(holder, "agent one", elsewhere);
  expect(await seen(heir, id)).toMatchObject({ state: "unknown" });
  await asIf(holder, "agent one", { ...elsewhere, machine: null });
  expect(await seen(heir, id)).toMatchObject({ state: "live" });
  expect((await heir.agents({})).agents).toMatchObject([{ id: "agent one", state: "live" }]);
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
  await asIf(holder, "agent one", { ...elsewhere, machine: own ?? "none" });
  machine.runs = (real) => real;
  // A sign of life from after the start is none from before it.
  const contradicted = await seen(heir, id);
  expect(contradicted).toMatchObject({ state: "suspect" });
  expect(contradicted.evidence.join(" ")).toContain("after this machine's start");
  machine.runs = () => -1;
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "dead" });
  expect(found.evidence).toContain("its process is gone: this machine was started again");
  expect(await heir.recover({ id, takeOver: true })).toMatchObject({ claim: { epoch: 2, holder: "heir" } });
});

test("[XCS-03] whoever calls after the machine was started again is not shown to be dead by its process of before", async () => {
  const { id, dir, box, holder, heir } = await held();
  await asIf(holder, "agent one", { bootId: "another start" });
  await (await box.open(dir, "agent one")).beat({ id: "agent one" });
  machine.runs = () => -1;
  expect(await seen(heir, id)).toMatchObject({ state: "live" });
});

test("[XCS-03] a shell that had ended before the claim was made shows nothing of the holder", async () => {
  const { box, home, berth } = await team();
  const shell = client();
  await berth.register({ id: "agent one", pid: shell.pid });
  await shell.end();
  const { id } = await working(berth, "After the shell");
  const heir = await box.open(home, "heir");
  expect(await seen(heir, id)).toMatchObject({ state: "live" });
  expect(await seen(await box.open(home, "heir", { clock: tomorrow }), id)).toMatchObject({ state: "unknown" });
  expect((await heir.agents({})).agents).toMatchObject([{ id: "agent one", session: id }]);
});

test("[XCS-03] a clock that was set since the last sign of life lets nobody be shown dead", async () => {
  for (const step of [-3600, 3600]) {
    machine.runs = (real) => real;
    const { id, heir, kill } = await held(`By ${step} seconds`);
    await kill();
    expect(await seen(heir, id)).toMatchObject({ state: "dead" });
    machine.runs = (real) => real + step;
    const found = await seen(heir, id);
    expect(found).toMatchObject({ state: "suspect" });
    expect(found.evidence.join(" ")).toContain("the clock of this machine was set since");
    await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
    expect((await heir.agents({})).agents).toMatchObject([{ id: "agent one", state: "suspect" }]);
  }
});

test("[XCS-03] who is heard of again after a clock was set is judged by the clock as it is", async () => {
  const { id, heir, kill } = await held();
  machine.runs = (real) => real + 3600;
  // The last call of the holder's comes after that.
  await kill();
  expect(await seen(heir, id)).toMatchObject({ state: "dead" });
});

test("[XCS-03] a sign of life from a time to come shows nobody dead", async () => {
  const { box, home, id, heir, kill } = await held();
  await kill();
  const yesterday = { ...systemClock, now: () => Date.now() - 86_400_000 };
  expect(await seen(await box.open(home, "rival", { clock: yesterday }), id)).toMatchObject({ state: "suspect" });
  expect(await seen(heir, id)).toMatchObject({ state: "dead" });
});

test("[XCS-03] a death that was judged where the process cannot be looked at from here is not believed", async () => {
  const { box, home, id, holder, heir, kill } = await held();
  await kill();
  // It kept a connection, which is gone; its process is one of another machine's.
  await asIf(holder, "agent one", { bootId: "another start", machine: null }, ", standing = 1");
  const looker = await box.open(home, "looker", { clock: tomorrow });
  expect((await looker.agents({})).agents).toEqual([]);
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "unknown" });
  expect(found.evidence.join(" ")).toContain("taken for dead");
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
});

test("[XCS-03] the end of a connection alone, whose process nobody can look at, needs a person's word", async () => {
  const { box, home, id, holder } = await held();
  await holder.beat({ id: "agent one" });
  await asIf(holder, "agent one", { pid: null, startTicks: null }, ", standing = 1");
  const heir = await box.open(home, "heir", { clock: tomorrow });
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "dead" });
  expect(found.next).toContain("--force");
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
});

test("[XCS-03] a death that another machine has judged is not believed while the process runs here", async () => {
  const { id, dir, holder, heir } = await held();
  const store = await holder.project.store.open();
  await store.write(async (tx) => {
    const agent = await readAgent(tx, "agent one");
    await tx.run("delete from agent where project = $1", tx.project);
    const data = {
      session: id,
      place: dir,
      beatAt: agent?.beatAt,
      process: agent?.process,
      evidence: ["said far away"],
    };
    await tx.append({ kind: "agent.died", subject: "agent one", agent: null, data });
  });
  const found = await seen(heir, id);
  expect(found).toMatchObject({ state: "suspect" });
  expect(found.evidence).toContain("its process runs");
  await refusal(heir.recover({ id, takeOver: true }), "GATE_REFUSED");
});
