import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Berth } from "../../src/open.ts";
import { FILE_SCENARIOS } from "./plain-files.ts";
import { LIVE_SCENARIOS } from "./plain-live.ts";
import type { Deed, PlainScenario } from "./plain-scenario.ts";
import type { PostgresServer } from "./postgres-server.ts";
import { type Sandbox, sandbox } from "./sandbox.ts";

type EngineName = "sqlite" | "postgres";

export interface PlainWorld extends Required<Deed> {
  readonly name: string;
  readonly box: Sandbox;
  readonly home: string;
  readonly adds: boolean;
  readonly stages: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** The URL of the database, or the store's file. */
  readonly store: string;
  readonly engine: EngineName;
  reset(): Promise<void>;
}

const plainScenarios: Readonly<Record<string, PlainScenario>> = { ...LIVE_SCENARIOS, ...FILE_SCENARIOS };
export const liveNames: readonly string[] = Object.keys(LIVE_SCENARIOS);
export const fileNames: readonly string[] = Object.keys(FILE_SCENARIOS);

/** @param server where the live layer is; without one it is in a file of the repository */
export async function plainWorld(name: string, server?: Pick<PostgresServer, "database" | "sql">): Promise<PlainWorld> {
  const scenario = plainScenarios[name];
  if (!scenario) throw new Error(`no scenario is called ${name}`);
  const box = sandbox({ remote: false });
  const home = box.hub;
  const url = await server?.database();
  const env = url === undefined ? {} : { BERTH_DATABASE_URL: url };
  const opened: Berth[] = [];
  const open = async (agent: string): Promise<Berth> => {
    const berth = await box.open(home, agent, { env: { ...process.env, ...env } });
    opened.push(berth);
    return berth;
  };
  await (await open("planner")).init({});
  box.git(home, "add", "--all");
  box.git(home, "commit", "-q", "-m", "Set up Berth");
  // The store is there, with nothing in it.
  await (await open("planner")).tasks({});
  const deed = await scenario.make({ box, home, worker: await open("worker"), other: await open("other") });
  for (const berth of opened) {
    await berth.project.store.close();
    berth.close();
  }
  const rows = await keptRows(url, server);
  const aside = `${box.dir}.aside`;
  onTestFinished(() => rmSync(aside, { recursive: true, force: true, maxRetries: 5 }));
  cpSync(box.dir, aside, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return {
    dir: home,
    agent: "worker",
    ...deed,
    name,
    box,
    home,
    adds: scenario.adds ?? false,
    stages: scenario.stages ?? false,
    env,
    engine: url === undefined ? "sqlite" : "postgres",
    store: url ?? join(home, ".git/berth/live/store.db"),
    reset: async () => {
      for (const part of readdirSync(box.dir))
        rmSync(join(box.dir, part), { recursive: true, force: true, maxRetries: 5 });
      cpSync(aside, box.dir, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      await rows();
    },
  };
}

/** Keeps the rows of a database beside them. @returns what puts them back */
async function keptRows(
  url: string | undefined,
  server: Pick<PostgresServer, "sql"> | undefined,
): Promise<() => Promise<void>> {
  if (url === undefined || !server) return () => Promise.resolve();
  const found = await server.sql(url, "select tablename from pg_tables where schemaname = 'berth'");
  const tables = found.map(({ tablename }) => String(tablename));
  await server.sql(
    url,
    `create schema aside; ${tables.map((t) => `create table aside.${t} as table berth.${t};`).join("")}`,
  );
  // Whoever was killed may still hold rows for a moment: the server ends him when it notices.
  const back = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid();
    truncate ${tables.map((table) => `berth.${table}`).join(", ")};
    ${tables.map((table) => `insert into berth.${table} select * from aside.${table};`).join("")}`;
  return async () => void (await server.sql(url, back));
}
