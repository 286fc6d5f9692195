import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { expectDump } from "../support/schema-dump.ts";
import { conformance, type Place } from "../support/store-conformance.ts";

conformance("SQLite", {
  open: async (count) => {
    const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
    const at = { place: join(dir, "live", "store.db"), project: "p" };
    const stores = await Promise.all(Array.from({ length: count }, () => openStore({ ...at, clock: systemClock })));
    onTestFinished(async () => {
      for (const store of stores) await store.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    });
    return { stores, address: JSON.stringify(at) };
  },
  age: (place) => {
    inFile(place, (database) => database.exec("pragma user_version = 99"));
    return Promise.resolve();
  },
});

test("the schema in SQLite is the one of schema/sqlite.sql", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const place = join(dir, "store.db");
  await (await openStore({ place, project: "p", clock: systemClock })).close();
  const rows = inFile({ address: JSON.stringify({ place }) }, (database) =>
    database.prepare("select sql from sqlite_schema where sql is not null order by type desc, name").all(),
  );
  expectDump(
    "sqlite",
    rows.map(({ sql }) => String(sql).replaceAll(/\n +/g, "\n  ")),
  );
});

function inFile<T>({ address }: Pick<Place, "address">, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync((JSON.parse(address) as { place: string }).place);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
