import { startPostgres } from "../../test/support/postgres-server.ts";
import { type Row, timed } from "../row.ts";
import type { Stage } from "../stage.ts";
import { crew } from "./crew.ts";
import { documentOf, LARGE, type Size, SMALL } from "./document.ts";
import type { Order } from "./live-worker.ts";
import { projectAt } from "./project.ts";

const AGENTS = 50;
const LISTENERS = 2;

/** What is measured, with its bar and the seed's limit, in milliseconds. */
const MEASURES = [
  { of: "read", title: "shared context, read", bar: 2, seed: 100 },
  { of: "write", title: "shared context, write", bar: 20, seed: 200 },
  { of: "sync", title: "shared context, until a listener has it", bar: 50, seed: 1000 },
  { of: "beat", title: "heartbeat", bar: 5, seed: 50 },
] as const;

/** Fifty processes that each read, write and beat once a second, and listeners, on a file of this machine. */
export async function contextRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of [SMALL, LARGE]) rows.push(...(await loaded(stage, quick, size, "SQLite", {})));
  return rows;
}

/** The same on a PostgreSQL server of this machine, which writes to the disk as one would in earnest. */
export async function contextPostgresRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const server = await startPostgres({ fsync: "on", max_connections: "300", shared_buffers: "128MB" });
  try {
    const rows: Row[] = [];
    for (const size of [SMALL, LARGE]) {
      const env = { BERTH_DATABASE_URL: await server.database() };
      rows.push(...(await loaded(stage, quick, size, "PostgreSQL", env)));
    }
    return rows;
  } finally {
    await server.end();
  }
}

async function loaded(
  stage: Stage,
  quick: boolean,
  size: Size,
  engine: string,
  env: Readonly<Record<string, string>>,
): Promise<Row[]> {
  const { berth, at } = await projectAt(stage, env);
  await berth.sharedSet({ path: "", value: documentOf(size) });
  berth.close();
  const order = { ...at, agents: AGENTS, size, seconds: quick ? 4 : 60 };
  const orders: Order[] = [
    ...Array.from({ length: AGENTS }, (_, number) => ({ ...order, job: "agent" as const, number })),
    ...Array.from({ length: LISTENERS }, (_, number) => ({ ...order, job: "listener" as const, number })),
  ];
  const times = await crew(orders);
  return MEASURES.map(({ of, title, bar, seed }) => {
    const row = { id: "context", title: `${title}, ${AGENTS} agents at 1 Hz, ${size.name}, ${engine}`, bar };
    const values = times.flatMap((one) => one[of] ?? []);
    return timed({ ...row, floorName: "the seed's limit", statistic: "p99", barOn: "value" }, values, [seed]);
  });
}
