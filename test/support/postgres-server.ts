import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import postgres from "postgres";

/** A server of one's own, which ends with the process that started it at the latest. */
export interface PostgresServer {
  readonly port: number;
  /** The URL of a new, empty database. */
  database(): Promise<string>;
  /** Runs SQL on a database, past the store. */
  sql(url: string, text: string): Promise<readonly Record<string, unknown>[]>;
  /** `stop` is a shutdown, `kill` a crash. */
  order(what: "start" | "stop" | "kill"): Promise<void>;
  /** Ends the server and removes its folder. */
  end(): Promise<void>;
}

const worker = join(import.meta.dirname, "postgres-worker.ts");
const password = "Secret-0815";

/** @param settings of the server, over those that tests have */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "berth-postgres-"));
  const child = spawn(process.execPath, [worker, dir, String(port), JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (word: string): Promise<void> => {
    const { value } = (await lines.next()) as { value: string | undefined };
    if (value !== word) throw new Error(`The server's keeper ended before it said "${word}".`);
  };
  await said("ready");
  const url = (name: string): string => `postgres://berth:${password}@127.0.0.1:${port}/${name}`;
  return {
    port,
    database: async () => {
      const name = `t${randomUUID().replaceAll("-", "")}`;
      await run(url("postgres"), `create database ${name}`);
      return url(name);
    },
    sql: run,
    order: async (what) => {
      child.stdin.write(`${what}\n`);
      await said(what);
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function run(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe<Record<string, unknown>[]>(text))];
  } finally {
    await sql.end();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
