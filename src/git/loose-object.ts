import { lstat, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Oid, oid } from "./names.ts";
import type { Tree } from "./tree.ts";
import { randomHex } from "../hash.ts";

/**
 * Writes an object into a folder of objects as git does, without running it: a few small ones cost less than a start of
 * git. It is not synced, so the folder must be one that may be lost.
 * @param width the length of object names in this repository: 40 or 64
 */
export async function writeLoose(
  folder: string,
  type: "tree" | "commit",
  data: string | Buffer,
  width: number,
): Promise<Oid> {
  const body = Buffer.from(data);
  const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  const { createHash } = process.getBuiltinModule("node:crypto");
  const name = oid(
    createHash(width === 64 ? "sha256" : "sha1")
      .update(whole)
      .digest("hex"),
  );
  const dir = join(folder, name.slice(0, 2));
  const file = join(dir, name.slice(2));
  if (await lstat(file).catch(() => null)) return name;
  await mkdir(dir, { recursive: true });
  const temporary = join(dir, `tmp_obj_${randomHex(6)}`);
  await writeFile(temporary, process.getBuiltinModule("node:zlib").deflateSync(whole, { level: 1 }));
  await rename(temporary, file);
  return name;
}

/** A tree as git writes it; names are spelled one character a byte, and stand in git's order already. */
export function treeBytes(tree: Tree): Buffer {
  const parts: Buffer[] = [];
  for (const [name, { mode, oid: object }] of tree)
    parts.push(Buffer.from(`${mode.replace(/^0/, "")} ${name}\0`, "latin1"), Buffer.from(object, "hex"));
  return Buffer.concat(parts);
}
