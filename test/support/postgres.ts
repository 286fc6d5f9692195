import { afterAll, beforeAll } from "vitest";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";

/** A server of a test file's own. */
export type TestServer = Omit<PostgresServer, "end">;

/** Starts a server before the tests of this file, and ends it after them. */
export function testServer(): TestServer {
  let started: PostgresServer | undefined;
  const server = (): PostgresServer => {
    if (!started) throw new Error("The server is started before the tests, and not before.");
    return started;
  };
  beforeAll(async () => {
    started = await startPostgres();
  });
  afterAll(async () => started?.end());
  return {
    get port() {
      return server().port;
    },
    database: () => server().database(),
    sql: (url, text) => server().sql(url, text),
    order: (what) => server().order(what),
  };
}
