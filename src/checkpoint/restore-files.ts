import { chmod, lstat, mkdir, rename, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError } from "../errors.ts";
import type { ObjectReader } from "../git/objects.ts";
import { randomHex } from "../hash.ts";
import type { ObjectFormat } from "../git/write-objects.ts";
import type { Manifest } from "./manifest.ts";
import { above, bytesOf, pathIn, textOf } from "./path-text.ts";
import { type FileChange, isAlready } from "./restore-plan.ts";

interface Place {
  readonly dir: string;
  readonly objects: ObjectReader;
  readonly format: ObjectFormat;
}

/**
 * Brings the files of a work tree to what a checkpoint holds. Every file that is replaced or removed is looked at once
 * more just before: one that is no longer what the plan was made from stays.
 * @param dropped folders that are empty now, and were not there
 * @throws BerthError WOULD_LOSE_WORK for a file that changed meanwhile
 */
export async function bringFilesBack(
  place: Place,
  changes: readonly FileChange[],
  wanted: Manifest,
  dropped: readonly string[],
): Promise<void> {
  const { dir } = place;
  const folders = wanted.folders.map(bytesOf);
  const stays = new Set([...folders, ...folders.flatMap(above)]);
  for (const { path, from } of changes) {
    // A folder in the place of a file: what was in it has a change of its own.
    if (from === null || from.mode === "160000") continue;
    await requireAsPlanned(place, { path, from });
  }
  for (const { path, from, to } of changes) {
    if (from === null || (to !== null && to.mode !== "160000")) continue;
    if (from.mode === "160000") await rmdir(pathIn(dir, path)).catch(() => undefined);
    else await rm(pathIn(dir, path));
    await dropEmpty(dir, above(path), stays);
  }
  for (const folder of dropped) if (!stays.has(folder)) await dropEmpty(dir, [folder, ...above(folder)], stays);
  const permissions = new Map(wanted.files.map((file) => [bytesOf(file.path), file.permissions]));
  for (const change of changes) if (change.to) await writeOne(place, change, permissions.get(change.path));
  for (const folder of folders) await mkdir(pathIn(dir, folder), { recursive: true });
  for (const { path, mode, permissions: bits } of wanted.files) {
    const there = mode === "120000" ? null : await lstat(pathIn(dir, bytesOf(path)));
    if (there && (there.mode & 0o777) !== bits) await chmod(pathIn(dir, bytesOf(path)), bits);
  }
}

async function requireAsPlanned(
  { dir, format }: Place,
  { path, from }: { readonly path: string; readonly from: NonNullable<FileChange["from"]> },
): Promise<void> {
  if (await isAlready(dir, format, path, from)) return;
  throw new BerthError("WOULD_LOSE_WORK", `${textOf(path)} changed while the checkpoint was being restored.`, {
    hint: "Stop what writes it, and run the same command again. What was there before is in the checkpoint taken first.",
    facts: { path: textOf(path) },
  });
}

/** Folders in which nothing is left go, as git has none; the nearest first. */
async function dropEmpty(dir: string, folders: readonly string[], stays: ReadonlySet<string>): Promise<void> {
  for (const folder of folders) {
    if (stays.has(folder)) return;
    const gone = await rmdir(pathIn(dir, folder)).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

/** Written beside its place and renamed, so that a kill leaves no half of a file under its name. */
async function writeOne(place: Place, { path, from, to }: FileChange, bits: number | undefined): Promise<void> {
  const { dir, objects, format } = place;
  const file = pathIn(dir, path);
  if (!to || (from === null && to.mode !== "160000" && (await isAlready(dir, format, path, to)))) return;
  const folder = dirname(file.toString("latin1"));
  await mkdir(Buffer.from(folder, "latin1"), { recursive: true });
  if (to.mode === "160000") {
    await mkdir(file, { recursive: true });
    return;
  }
  const blob = await objects.read(to.oid);
  if (blob?.type !== "blob")
    throw new BerthError("UNREADABLE", `The content of ${textOf(path)} (${to.oid}) is not in this repository.`, {
      hint: "See: git fsck",
      facts: { path: textOf(path), object: to.oid },
    });
  const beside = Buffer.from(`${folder}/.berth-${randomHex(8)}`, "latin1");
  try {
    if (to.mode === "120000") await symlink(blob.data, beside);
    else await writeFile(beside, blob.data, { flag: "wx", flush: true, mode: to.mode === "100755" ? 0o777 : 0o666 });
    if (bits !== undefined && to.mode !== "120000") await chmod(beside, bits);
    await emptyFolderAt(file);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** A folder of which all files have gone makes room for a file. */
async function emptyFolderAt(file: Buffer): Promise<void> {
  if (!(await lstat(file).catch(() => null))?.isDirectory()) return;
  // It may hold further folders with nothing in them; anything else was found to be in the way.
  const { readdir } = await import("node:fs/promises");
  for (const name of await readdir(file, { encoding: "buffer" }))
    await emptyFolderAt(Buffer.concat([file, Buffer.from("/"), name]));
  await rmdir(file);
}
