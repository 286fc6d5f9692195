import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import config from "../../vitest.config.ts";

test("[SIR-16] the pipeline measures the coverage of the session state, and holds what its seed asks for", () => {
  const root = join(import.meta.dirname, "../..");
  expect(readFileSync(join(root, ".ci/run"), "utf8")).toMatch(/^npm run coverage:state$/m);
  expect(config.test?.coverage).toMatchObject({
    thresholds: {
      "src/brain/{state,orchestrator}/**": { lines: 95 },
      "src/brain/{notes,consolidate}/**": { lines: 90 },
      "src/brain/state/schema-state.ts": { lines: 100 },
      "src/cli/brain/**": { lines: 85 },
      "src/{,cli/}brain/**": { lines: 92 },
    },
  });
});
