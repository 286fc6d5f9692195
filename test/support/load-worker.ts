/**
 * Some agents that work at an even pace, in a process of their own: `load-worker.ts OPTIONS`. Says `ready` once it
 * follows the shared context, works for as many seconds as a line says, says `written`, and when it has heard of the
 * version in the next line, what it measured.
 */
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { type Berth, openBerth } from "../../src/open.ts";
import { openLink } from "../../src/store/postgres-link.ts";

export interface LoadOptions {
  readonly dir: string;
  readonly machineDir: string;
  readonly program: readonly string[];
  readonly agents: readonly string[];
  /** One handle for all agents of the process, with its connections and one follower, or one for each. */
  readonly together: boolean;
}

/** Times in milliseconds; moments are those of the system's monotonic clock. */
export interface Measured {
  readonly read: number[];
  readonly write: number[];
  readonly beat: number[];
  /** What a server takes for nothing at all, asked for beside each read: no read can be quicker. */
  readonly floor: number[];
  /** Versions that were made here, with the hash that was told, and when it was. */
  readonly made: [version: number, hash: string, at: number][];
  /** What each follower heard of, in that order, and when. */
  readonly heard: { readonly versions: number[]; readonly at: number[] }[];
  readonly errors: string[];
  /** Memory in megabytes after a quarter of the time, and at the end. */
  readonly rss: number[];
}

/** Programs are slow at first: what an agent does in its first seconds is not measured. */
const WARM = 3;

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const { agents, together } = options;
const measured: Measured = { read: [], write: [], beat: [], floor: [], made: [], heard: [], errors: [], rss: [] };
const [news, over] = [new EventEmitter(), new AbortController()];
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const fail = (error: unknown): void =>
  void measured.errors.push(error instanceof Error ? String(error.stack) : String(error));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
const rss = (): void => void measured.rss.push(Math.round(process.memoryUsage.rss() / 1e6));

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const start = now();
  const result = await work();
  times.push(now() - start);
  return result;
}

/** @returns what hears until the end */
async function follow(berth: Berth): Promise<() => Promise<void>> {
  const heard = { versions: [] as number[], at: [] as number[] };
  measured.heard.push(heard);
  const changes = await berth.sharedWatch({ signal: over.signal });
  return async () => {
    for await (const change of changes) {
      if (change.kind !== "changed") continue;
      heard.versions.push(change.version);
      heard.at.push(now());
      news.emit("heard");
    }
  };
}

/** One second of an agent's life: it shows that it lives, reads, and writes a place of its own or one of all. */
async function second(berth: Berth, agent: string, n: number): Promise<void> {
  const { beat, read, write, floor } = n < WARM ? { beat: [], read: [], write: [], floor: [] } : measured;
  await timed(beat, () => berth.beat({ id: agent }));
  if (link) await timed(floor, () => link.query("select 1"));
  const { version } = await timed(read, () => berth.sharedGet({ agent }));
  const path = n % 5 === 0 ? `board.${agent}` : `agents.${agent}`;
  const value = { n, doing: `step ${n} of what ${agent} has to do`, at: now() };
  const written = await timed(write, () => berth.sharedSet({ agent, path, value, base: version }));
  measured.made.push([written.version, written.hash, now()]);
  if (written.conflict) fail(`a conflict with nobody at ${path}`);
}

const url = process.env["BERTH_DATABASE_URL"];
const link = url === undefined ? null : await openLink({ url, answerMs: 10_000 });
const open = (agent: string | undefined): Promise<Berth> =>
  openBerth(options.dir, { ...options, env: process.env, ...(agent === undefined ? {} : { agent }) });
const opened = await Promise.all((together ? agents.slice(0, 1) : agents).map(open));
const handleOf = (i: number): Berth => opened[together ? 0 : i] as Berth;
const following = (await Promise.all(opened.map(follow))).map((run) => run().catch(fail));
for (const [i, id] of agents.entries()) await handleOf(i).register({ id, pid: process.pid });
// The whole of it is read once by each process; what is measured is what follows.
await opened[0]?.sharedGet({});
console.log("ready");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const nextNumber = async (): Promise<number> => Number(((await lines.next()) as { value: string | undefined }).value);
const seconds = await nextNumber();
const start = now();
setTimeout(rss, 250 * seconds);
await Promise.all(
  agents.map(async (agent, i) => {
    const phase = Math.random() * 1000;
    for (let n = 0; n < seconds; n++) {
      await pause(start + phase + n * 1000 - now());
      await second(handleOf(i), agent, n).catch(fail);
    }
  }),
);
rss();
console.log("written");
const last = await nextNumber();
while (measured.heard.some(({ versions }) => (versions.at(-1) ?? 0) < last)) await once(news, "heard");
over.abort();
await Promise.all(following);
for (const berth of opened) berth.close();
await link?.end();
console.log(JSON.stringify(measured));
process.stdin.destroy();
