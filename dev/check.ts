/** Runs every check, each to its end, and says what failed: one run shows all there is to mend. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const checks: Readonly<Record<string, string>> = {
  types: "tsc",
  lint: "oxlint",
  format: "oxfmt --check",
  unused: "knip",
  structure: "node dev/check-structure.ts",
  duplicates: "node dev/check-duplicates.ts",
  requirements: "node dev/check-requirements.ts",
  registry: "node dev/check-registry.ts",
  text: "node dev/check-text.ts",
};

let failed = 0;
for (const [name, command] of Object.entries(checks)) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: join(import.meta.dirname, ".."),
    shell: true,
    encoding: "utf8",
  });
  const took = `${Math.round(performance.now() - start)} ms`;
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${took})`);
  if (status === 0) continue;
  failed++;
  console.log(`${stdout}${stderr}`.trimEnd());
}
if (failed > 0) process.exitCode = 1;
