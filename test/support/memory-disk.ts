import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const NEEDED_BYTES = 2 * 1024 ** 3;

/**
 * Puts the repositories of quick tests where no disk has to be waited for, if this machine has room there: what survives
 * a killed process is the same, and hundreds of tests flush thousands of files. Long runs measure the real disk.
 */
export default function useMemory(): (() => void) | void {
  if (process.env["TMPDIR"] !== undefined || !hasRoom()) return undefined;
  const dir = mkdtempSync(join(MEMORY, "berth-tests-"));
  // Some tests work as another user below it.
  chmodSync(dir, 0o755);
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  if (!runsPrograms(dir)) return remove();
  process.env["TMPDIR"] = dir;
  return remove;
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** Git hooks are programs, and some machines let none run from there. */
function runsPrograms(dir: string): boolean {
  const file = join(dir, "program");
  try {
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
    execFileSync(file);
    return true;
  } catch {
    return false;
  }
}
