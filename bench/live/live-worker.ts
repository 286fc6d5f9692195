/**
 * One process of the bench of the live layer: `live-worker.ts ORDER`. It prepares itself, says so, works from the line
 * on that it is then sent, and prints what it measured. The library it uses is the one that would be published.
 */
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type * as Library from "../../src/index.ts";
import { agentPath, type Size } from "./document.ts";

/** What a process is to do, for so many seconds. */
export type Order = { readonly seconds: number } & (
  | (Member & { readonly job: "agent" })
  | (Member & { readonly job: "listener" })
  | (At & { readonly job: "hammer" })
  | { readonly job: "plain"; readonly file: string }
);

/** One of those who work on a document. */
interface Member extends At {
  readonly number: number;
  readonly agents: number;
  readonly size: Size;
}

/** How the project is opened. */
export interface At {
  /** The library's file. */
  readonly library: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds, by what was done. */
export type Times = Readonly<Record<string, readonly number[]>>;

/** Prepares; what it returns does the work. */
type Job<Given> = (order: Given & { readonly seconds: number }) => Promise<() => Promise<Times>>;

async function open({ library, dir, env }: At, agent: string): Promise<Library.Berth> {
  const { openBerth } = (await import(pathToFileURL(library).href)) as typeof Library;
  return openBerth(dir, { env, agent, program: [process.execPath], machineDir: env["BERTH_HOME"] ?? dir });
}

/** Microseconds, by a clock that all processes of this machine share. */
function stamp(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

async function timed(into: number[], work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  into.push(performance.now() - start);
}

/** Steps that do not count: what is compiled and cached is not yet what it will be. */
const WARM_UP = 3;

function none(): Record<"read" | "write" | "beat", number[]> {
  return { read: [], write: [], beat: [] };
}

/** Once a second: a sign of life, a look at another's place of the document, and a change of its own. */
const agent: Job<Member> = async (order) => {
  const { number, agents, size, seconds } = order;
  const name = `agent-${number}`;
  const berth = await open(order, name);
  await berth.register({ id: name, role: "frontend", pid: process.pid });
  await berth.sharedGet({});
  return async () => {
    let times = none();
    const start = performance.now() + (1000 * number) / agents;
    for (let step = 0; step < seconds + WARM_UP; step++) {
      await until(start + 1000 * step);
      if (step === WARM_UP) times = none();
      await timed(times.beat, () => berth.beat({ id: name }));
      await timed(times.read, () => berth.sharedGet({ path: agentPath(size, (number + step) % agents) }));
      await timed(times.write, () =>
        berth.sharedSet({ path: `${agentPath(size, number)}.state`, value: { step, at: stamp() } }),
      );
    }
    berth.close();
    return times;
  };
};

/** Waits for changes, and notes how long after the begin of its write each of them was here. */
const listener: Job<Member> = async (order) => {
  const { agents, size, seconds } = order;
  const berth = await open(order, `listener-${order.number}`);
  const store = await berth.project.store.open();
  await berth.sharedGet({});
  return async () => {
    const sync: number[] = [];
    const seen = new Map<number, number>();
    const listening = await store.listen();
    const begin = performance.now() + 1000 * WARM_UP;
    const end = begin + 1000 * (seconds + 1);
    while (performance.now() < end) {
      const { value } = await berth.sharedGet({ path: "areas" });
      const now = stamp();
      for (let number = 0; number < agents; number++) {
        const at = stampAt(value, agentPath(size, number).split(".").slice(1));
        if (at !== undefined && at !== seen.get(number)) {
          seen.set(number, at);
          if (performance.now() > begin) sync.push((now - at) / 1000);
        }
      }
      await listening.wake(Math.max(1, Math.min(1000, end - performance.now())));
    }
    await listening.close();
    berth.close();
    return { sync };
  };
};

type Tree = { readonly [key: string]: Tree | undefined } | undefined;

function stampAt(areas: unknown, path: readonly string[]): number | undefined {
  const state = path.reduce<Tree>((at, key) => at?.[key], areas as Tree)?.["state"];
  return typeof state === "object" ? (state["at"] as unknown as number) : undefined;
}

/** Writes without a pause. */
const hammer: Job<At> = async (order) => {
  const berth = await open(order, "hammer");
  const store = await berth.project.store.open();
  const event = { kind: "bench.written", subject: String(process.pid), agent: null, data: {} };
  return async () => {
    const write = await withoutPause(order.seconds, () => store.write((tx) => tx.append(event)));
    berth.close();
    return { write };
  };
};

/** The same statements, with nothing but SQLite's own wait for its lock. */
const plain: Job<{ readonly file: string }> = async ({ file, seconds }) => {
  const database = new DatabaseSync(file, { timeout: 60_000 });
  database.exec("pragma synchronous = full");
  const next = database.prepare("update project set seq = seq + 1 where id = ? returning seq");
  const add = database.prepare(
    "insert into event (project, seq, at, kind, subject, agent, data) values (?, ?, ?, ?, ?, ?, ?)",
  );
  const write = async (): Promise<void> => {
    database.exec("begin immediate");
    const { seq } = next.get("local") as { seq: number };
    add.run("local", seq, Date.now(), "bench.written", String(process.pid), null, "{}");
    database.exec("commit");
  };
  return async () => {
    const times = await withoutPause(seconds, write);
    database.close();
    return { write: times };
  };
};

async function withoutPause(seconds: number, write: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) await timed(times, write);
  return times;
}

async function until(at: number): Promise<void> {
  const left = at - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

function prepare(order: Order): Promise<() => Promise<Times>> {
  if (order.job === "agent") return agent(order);
  if (order.job === "listener") return listener(order);
  return order.job === "hammer" ? hammer(order) : plain(order);
}

const work = await prepare(JSON.parse(process.argv[2] ?? "") as Order);
console.log("ready");
await once(process.stdin, "data");
process.stdin.destroy();
console.log(JSON.stringify(await work()));
