import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Combination, sizeLine } from "./matrix-size.ts";

/** Adds up what all files of the fault matrix tried, and prints it at the end of the run. */
export default function totalMatrix(): () => void {
  const dir = mkdtempSync(join(tmpdir(), "berth-matrix-"));
  const file = join(dir, "combinations");
  writeFileSync(file, "");
  process.env["BERTH_MATRIX_FILE"] = file;
  return () => {
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    const tried = lines.map((line) => JSON.parse(line) as Combination);
    if (tried.length > 0) console.log(sizeLine("all files", tried));
    rmSync(dir, { recursive: true, force: true });
  };
}
