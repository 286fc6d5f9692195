import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

export const checkout: string = join(import.meta.dirname, "../..");

const planted: string[] = [];
afterAll(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Lays out files in a folder of their own, which goes when the test file ends. */
export function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "berth-plant-"));
  planted.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Gives a planted project the checkout's packages. */
export function linkPackages(folder: string): void {
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"), "junction");
}
