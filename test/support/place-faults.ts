import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const NOBODY = 65_534;

/** Gives a folder to a user who is bound by permissions; root may write everywhere. */
export function ordinaryUser(dir: string): { readonly uid?: number; readonly env: Readonly<Record<string, string>> } {
  const home = join(dir, "user");
  mkdirSync(home);
  copyFileSync(process.env["GIT_CONFIG_GLOBAL"] ?? "", join(home, ".gitconfig"));
  const env = { HOME: home, GIT_CONFIG_GLOBAL: join(home, ".gitconfig"), XDG_CONFIG_HOME: home, BERTH_HOME: home };
  if (process.getuid?.() !== 0) return { env };
  execFileSync("chown", ["-R", String(NOBODY), dir]);
  return { uid: NOBODY, env };
}

/** A small disk of its own, where this may be had. */
export function smallDisk(inside: string): string | null {
  const dir = join(inside, "disk");
  mkdirSync(dir);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", dir], { stdio: "pipe" });
  } catch (error) {
    console.log(`skipped: no small disk can be mounted here: ${String(error).split("\n")[0]}`);
    return null;
  }
  onTestFinished(() => void execFileSync("umount", ["--lazy", dir]));
  return dir;
}

/** Fills a disk up to a few KiB. */
export function fill(disk: string, leaveKiB: number): () => void {
  const file = join(disk, "filler");
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - leaveKiB * 1024)));
  return () => rmSync(file);
}
