import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { conformance } from "../support/store-conformance.ts";

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
});
