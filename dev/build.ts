/** Emits `dist/` afresh, so that no file of an earlier build is published. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync("tsc --project tsconfig.build.json", { cwd: root, shell: true, stdio: "inherit" });
process.exitCode = status ?? 1;
