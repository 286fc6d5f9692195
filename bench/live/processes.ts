import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTurn, measure, type Sample } from "../measure.ts";
import { compared, type Row, timed } from "../row.ts";
import { BARE } from "../starts.ts";
import type { Stage } from "../stage.ts";
import { projectAt } from "./project.ts";

const AGENTS = 50;
const LOCKS = 100;

/** Verbs of the live layer as hooks call them, each a process of its own; and locks through the library. */
export async function liveRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 10 : 40;
  const { berth, at } = await projectAt(stage);
  for (let n = 0; n < AGENTS; n++) {
    await berth.register({ id: `agent-${n}`, role: "frontend", pid: process.pid });
    const paths = Array.from({ length: LOCKS / AGENTS }, (_, lock) => `src/agent-${n}/file-${lock}.js`);
    await berth.lock({ paths, agent: `agent-${n}`, ttlMs: 3_600_000 });
  }
  const many = await projectAt(stage, {}, { planned: 1000 });
  many.berth.close();
  const run = (cwd: string, args: readonly string[]): Promise<Sample> =>
    measure([...stage.program, ...args], { cwd, env: stage.env });
  const times = await inTurn(rounds, {
    bare: () => measure(BARE, { cwd: at.dir, env: stage.env }),
    thousand: () => run(many.at.dir, ["status"]),
    busy: () => run(at.dir, ["status"]),
    beat: () => run(at.dir, ["agent", "beat", "--id", "agent-0"]),
    lock: () => run(at.dir, ["lock", "src/part-0/file-0.js"]),
    unlock: () => run(at.dir, ["unlock", "src/part-0/file-0.js"]),
  });
  const { bare } = times;
  const row = { id: "live", floorName: "node -e 0" };
  const busy = `${AGENTS} agents and ${LOCKS} locks`;
  const rows = [
    compared({ ...row, title: "status, 1,000 sessions", bar: 3 }, times.thousand, bare),
    compared({ ...row, title: "status, 1,000 sessions, CPU time", bar: null, by: "cpuMs" }, times.thousand, bare),
    compared({ ...row, title: `status, ${busy}`, bar: null }, times.busy, bare),
    ...(["beat", "lock", "unlock"] as const).flatMap((verb) => {
      const title = `${verb === "beat" ? "agent beat" : verb} as a process, ${busy}`;
      return [
        compared({ ...row, title, bar: null }, times[verb], bare),
        compared({ ...row, title: `${title}, CPU time`, bar: null, by: "cpuMs" }, times[verb], bare),
      ];
    }),
  ];
  const paths = ["src/part-0/file-0.js"];
  const roundTrip = async (): Promise<void> => {
    await berth.lock({ paths });
    await berth.unlock({ paths });
  };
  const title = `lock and unlock through the library, ${busy}`;
  rows.push(await libraryRow(title, join(stage.dir, "plain.db"), quick ? 100 : 2000, roundTrip));
  berth.close();
  return rows;
}

/** Beside two commits of SQLite with one row each, as durable. */
async function libraryRow(title: string, file: string, rounds: number, roundTrip: () => Promise<void>): Promise<Row> {
  const database = new DatabaseSync(file);
  database.exec("pragma journal_mode = wal; pragma synchronous = full; create table hold (path text)");
  const [add, remove] = [database.prepare("insert into hold values (?)"), database.prepare("delete from hold")];
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = -10; round < rounds; round++) {
    const start = performance.now();
    await roundTrip();
    const between = performance.now();
    add.run("src/part-0/file-0.js");
    remove.run();
    if (round < 0) continue;
    times.ours.push(between - start);
    times.floor.push(performance.now() - between);
  }
  database.close();
  return timed({ id: "live", title, floorName: "two commits of plain SQLite", bar: null }, times.ours, times.floor);
}
