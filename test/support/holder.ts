import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { readAgent } from "../../src/coordination/agent/agent.ts";
import type { Process } from "../../src/coordination/agent/process.ts";
import type { Berth } from "../../src/open.ts";
import type { Sandbox } from "./sandbox.ts";
import { team, working } from "./session.ts";

/** A session at work whose holder, "agent one", lives in a process of its own. */
export interface Held {
  readonly box: Sandbox;
  readonly home: string;
  readonly id: string;
  readonly dir: string;
  readonly holder: Berth;
  readonly heir: Berth;
  /** Lets the holder be heard once more, and ends its process. */
  readonly kill: () => Promise<void>;
}

/** A process that stands for an agent's client. */
export function client(): { readonly pid: number; end(): Promise<void> } {
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** As {@link Held}, with a file that is not committed. */
export async function held(title: string = "Left alone"): Promise<Held> {
  const { box, home, berth } = await team();
  const one = client();
  await berth.register({ id: "agent one", pid: one.pid });
  const { id, dir } = await working(berth, title);
  box.write(dir, { "src/unsaved.txt": "the last line\n" });
  const kill = async (): Promise<void> => {
    await berth.beat({ id: "agent one" });
    await one.end();
  };
  return { box, home, id, dir, holder: berth, heir: await box.open(home, "heir"), kill };
}

interface Seen {
  readonly id: string;
  readonly state: string;
  readonly evidence: readonly string[];
  readonly unsaved: number | null;
  readonly next: string | null;
}

/** What `recover` shows of a session. */
export async function seen(berth: Berth, id: string): Promise<Seen> {
  const found = await berth.recover({ id });
  const [one] = "sessions" in found ? found.sessions : [];
  if (!one) throw new Error("it is not shown");
  return one;
}

/** Changes what the store knows of an agent's process, as another machine or another start of this one would have left it. */
export async function asIf(berth: Berth, id: string, change: Partial<Process>, more = ""): Promise<void> {
  const store = await berth.project.store.open();
  await store.write(async (tx) => {
    const agent = await readAgent(tx, id);
    const process = JSON.stringify({ ...agent?.process, ...change });
    await tx.run(`update agent set process = $3${more} where project = $1 and id = $2`, tx.project, id, process);
  });
}
