import { expect } from "vitest";
import { hubFaults } from "./ledger-invariants.ts";
import type { PostgresServer } from "./postgres-server.ts";
import type { PlainWorld } from "./plain-worlds.ts";
import { rawStore } from "./raw-store.ts";
import { storeFaults } from "./store-invariants.ts";

/** What must hold of a plain world at every moment: its store by plain SQL, its repository by plain git. */
export async function checkPlain(world: PlainWorld, server?: Pick<PostgresServer, "sql">): Promise<void> {
  expect(hubFaults((...args) => world.box.git(world.home, ...args))).toEqual([]);
  const raw = await rawStore(world.store, world.engine === "postgres" ? server : undefined);
  expect(storeFaults(raw)).toEqual([]);
}
