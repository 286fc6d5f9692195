import { spawn } from "node:child_process";
import { expect, onTestFinished } from "vitest";
import type { Berth } from "../../src/open.ts";
import { commit, refusal, working } from "./session.ts";
import type { Sandbox } from "./sandbox.ts";

/** Two clones or one, and what lets an hour go by in which nobody was heard of. */
export interface Silence {
  readonly box: Sandbox;
  /** Opened by the healthy one, in whose name the work is done. */
  readonly busy: Berth;
  readonly open: (where: string) => Promise<Berth>;
  /** @returns who looks round an hour later */
  readonly later: () => Promise<Berth>;
}

/**
 * A healthy agent that says nothing for an hour, and everything that others do meanwhile which could take anything from
 * it: what it holds it still holds, and it goes on and lands.
 * @param known whether it named its process, which is stopped meanwhile as one of a sleeping machine is, or keeps a
 *   connection to the store
 */
export async function silentHour(
  { box, busy, open, later }: Silence,
  known: "process" | "connection" | null,
): Promise<void> {
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (known === "process") await busy.register({ id: "busy", pid: child.pid });
  const { id, dir } = await working(busy, "A long build");
  const task = (await busy.addTask({ title: "half done" })).task.id;
  await busy.takeTask({ id: task });
  await busy.lock({ paths: ["src/a.txt"], ttlMs: 7_200_000 });
  box.write(dir, { "src/unsaved.txt": "unsaved\n" });
  if (known === "connection") await busy.stay({ id: "busy", everyMs: 7_200_000 });
  child.kill("SIGSTOP");
  const other = await later();
  const mine = async (): Promise<unknown> => {
    const { agents } = await other.agents({});
    return agents.filter((agent) => agent.id === "busy").map(({ state }) => state);
  };
  // What changed in its workspace within the hour makes the difference, where its process tells nothing.
  const state = expect.stringMatching(known === null ? /^(?:unknown|suspect)$/ : /^suspect$/) as unknown;
  expect(await mine()).toEqual([state]);
  await refusal(other.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
  await refusal(other.lock({ paths: ["src/a.txt"], waitMs: 1500 }));
  await refusal(other.takeTask({}));
  await refusal(other.claim({ id }), "CLAIM_LOST");
  await other.status({});
  expect(await other.recover({ id })).toMatchObject({ sessions: [{ state, holder: "busy" }] });
  await refusal(other.recover({ id, takeOver: true }), "GATE_REFUSED");
  expect(await mine()).toEqual([state]);
  expect((await other.tasks({})).tasks).toMatchObject([{ id: task, agent: "busy", status: "assigned" }]);
  child.kill("SIGCONT");
  commit(box, dir, `[${id}] feat: done`, { "src/done.txt": "done\n" });
  const inside = await open(dir);
  await inside.doneTask({ id: task });
  await inside.unlock({ all: true });
  expect(await inside.complete({ tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
}
