/**
 * One agent that does everything the live layer offers, as fast as it can, in a process of its own:
 * `race-worker.ts OPTIONS`. Says `ready`, starts at a line with the number of milliseconds, and ends by itself. What it
 * asks for is in its log before it asks, and what it was told right after: the log outlives its death.
 */
import { openSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import { isBerthError, messageOf } from "../../src/errors.ts";
import { openBerth } from "../../src/open.ts";
import { bindVerbs, loadVerb } from "../../src/verbs.ts";
import { farStore } from "./far-store.ts";
import { historyDeeds, type HistoryPlan } from "./history-deeds.ts";
import { deeds, type Racer, VERBS } from "./race-deeds.ts";
import { randomFrom } from "./random-from.ts";

export interface RaceOptions {
  readonly dir: string;
  readonly machineDir: string;
  readonly program: readonly string[];
  readonly log: string;
  /** This agent, and all who take part. */
  readonly agent: string;
  readonly agents: readonly string[];
  /** Tells the processes of one agent apart. */
  readonly life: number;
  /** A PostgreSQL server behind a wire with faults, whose silence is noticed soon. */
  readonly far: string | undefined;
  readonly history: HistoryPlan | undefined;
}

/** A line of the log: `at` is the system's monotonic clock, which all processes share. */
export type Noted =
  | {
      readonly n: number;
      readonly at: number;
      readonly verb: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly n: number; readonly at: number; readonly answer: Readonly<Record<string, unknown>> }
  | {
      readonly n: number;
      readonly at: number;
      readonly error: string;
      readonly expected: boolean;
      readonly text: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

const options = JSON.parse(process.argv[2] ?? "") as RaceOptions;
const { agent, agents, life } = options;
const log = openSync(options.log, "a");
const note = (line: Noted): void => void writeSync(log, `${JSON.stringify(line)}\n`);
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
let asked = 0;

const berth = await openBerth(options.dir, { ...options, env: process.env, agent });
const store = options.far === undefined ? null : await farStore(options.far, berth.project);
const verbs = (store ? bindVerbs({ ...berth.project, store }) : berth) as unknown as Record<
  string,
  (input: object) => Promise<Record<string, unknown>>
>;
const racer: Racer = {
  agent,
  agents,
  // The same choices for the same process; what comes of them no two runs share.
  random: randomFrom(`${agent} ${life}`),
  mark: () => `${agent}/${life}/${asked + 1}`,
  ask: async (verb, input, expected = []) => {
    const n = ++asked;
    note({ n, at: now(), verb, input });
    try {
      const answer = (await verbs[verb]?.(input)) ?? {};
      const brief = verb === "sharedGet" && !options.history ? { version: answer["version"] } : answer;
      note({ n, at: now(), answer: brief });
      return answer;
    } catch (error) {
      const code = isBerthError(error) ? error.code : "THROWN";
      const text = code === "THROWN" && error instanceof Error ? (error.stack ?? "") : messageOf(error);
      const facts = isBerthError(error) ? error.facts : {};
      note({ n, at: now(), error: code, expected: expected.includes(code), text, facts });
      return null;
    }
  },
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  own: new Set(),
};

// A race of starting programs is not what this is about.
for (const verb of VERBS) loadVerb(verb);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const doing = options.history ? historyDeeds(racer, options.history) : deeds(racer);
await doing.begin();
flushCompileCache();
console.log("ready");
const { value } = await lines.next();
const end = now() + Number(value);
while (now() < end) await doing.one();
await doing.end();
await store?.close();
berth.close();
process.stdin.destroy();
