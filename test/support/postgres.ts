import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import postgres from "postgres";
import { afterAll, beforeAll } from "vitest";

/** A server of a test file's own. */
export interface TestServer {
  readonly port: number;
  /** The URL of a new, empty database. */
  database(): Promise<string>;
  /** Runs SQL on a database, past the store. */
  sql(url: string, text: string): Promise<readonly Record<string, unknown>[]>;
  /** `stop` is a shutdown, `kill` a crash. */
  order(what: "start" | "stop" | "kill"): Promise<void>;
}

const worker = join(import.meta.dirname, "postgres-worker.ts");
const password = "Secret-0815";

/** Starts a server before the tests of this file, and ends it after them. */
export function testServer(): TestServer {
  let orders: ((what: string) => Promise<void>) | undefined;
  let stop: (() => Promise<void>) | undefined;
  const server = {
    port: 0,
    database: async () => {
      const name = `t${randomUUID().replaceAll("-", "")}`;
      await server.sql(server.url("postgres"), `create database ${name}`);
      return server.url(name);
    },
    url: (name: string) => `postgres://berth:${password}@127.0.0.1:${server.port}/${name}`,
    sql: async (url: string, text: string) => {
      const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
      try {
        return [...(await sql.unsafe<Record<string, unknown>[]>(text))];
      } finally {
        await sql.end();
      }
    },
    order: async (what: string) => orders?.(what),
  };
  beforeAll(async () => {
    server.port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), "berth-postgres-"));
    const child = spawn(process.execPath, [worker, dir, String(server.port)], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "close");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const said = async (word: string): Promise<void> => {
      const { value } = (await lines.next()) as { value: string | undefined };
      if (value !== word) throw new Error(`The server's keeper ended before it said "${word}".`);
    };
    await said("ready");
    orders = async (what) => {
      child.stdin.write(`${what}\n`);
      await said(what);
    };
    stop = async () => {
      child.stdin.end();
      await ended;
    };
  });
  afterAll(async () => stop?.());
  return server;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
