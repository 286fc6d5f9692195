import { BerthError } from "../errors.ts";
import type { Oid } from "./names.ts";
import { type Git, run } from "./run.ts";
import type { CommitPlan } from "./write.ts";
import type { Tree } from "./tree.ts";

/** An object that is to be written, with the name it will have. */
export interface NewObject {
  readonly oid: Oid;
  readonly type: "blob" | "tree" | "commit";
  readonly data: Buffer;
}

export type ObjectFormat = "sha1" | "sha256";

const NUMBER = { commit: 1, tree: 2, blob: 3 } as const;

/** Names an object, without writing it. */
export function objectOf(format: ObjectFormat, type: NewObject["type"], data: Buffer): NewObject {
  const oid = process
    .getBuiltinModule("node:crypto")
    .createHash(format)
    .update(`${type} ${data.length}\0`)
    .update(data)
    .digest("hex") as Oid;
  return { oid, type, data };
}

/** A folder as an object. @param tree names spelled by bytes */
export function treeObject(format: ObjectFormat, tree: Tree): NewObject {
  const sorted = [...tree].map(([name, entry]) => ({
    key: entry.mode === "040000" ? `${name}/` : name,
    head: Buffer.from(`${entry.mode.replace(/^0/, "")} ${name}\0`, "latin1"),
    oid: Buffer.from(entry.oid, "hex"),
  }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : 1));
  return objectOf(format, "tree", Buffer.concat(sorted.flatMap(({ head, oid }) => [head, oid])));
}

/** A commit as an object; who writes it is its author. Names must be as git takes them. */
export function commitObject(format: ObjectFormat, plan: CommitPlan): NewObject {
  const who = `${plan.author.name} <${plan.author.email}> ${plan.seconds} +0000`;
  const lines = [
    `tree ${plan.tree}`,
    ...plan.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    "",
    plan.message,
  ];
  return objectOf(format, "commit", Buffer.from(lines.join("\n")));
}

/**
 * Writes any number of objects in one run of git, which syncs them. Those that exist already are
 * left as they are.
 * @throws BerthError FAILED where git gave one another name than was reckoned
 */
export async function writeObjects(git: Git, format: ObjectFormat, objects: readonly NewObject[]): Promise<void> {
  const own = new Map(objects.map((object) => [object.oid, object]));
  if (own.size === 0) return;
  const parts: Buffer[] = [Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 0])];
  parts[0]?.writeUInt32BE(own.size, 8);
  // It goes through a pipe and is unpacked at once: compressing it costs more than it saves.
  for (const { type, data } of own.values())
    parts.push(packHead(type, data.length), process.getBuiltinModule("node:zlib").deflateSync(data, { level: 0 }));
  const hash = process.getBuiltinModule("node:crypto").createHash(format);
  for (const part of parts) hash.update(part);
  parts.push(hash.digest());
  const { code, stderr } = await run(git, ["unpack-objects", "-q"], {
    input: Buffer.concat(parts),
    accept: [1, 128],
  });
  if (code !== 0)
    throw new BerthError("GIT_FAILED", `git did not take the objects: ${stderr.trim().split("\n").at(-1) ?? ""}`, {
      hint: "Check the room on the disk and who may write there, then run the same command again.",
      facts: { stderr },
    });
}

/** Type and length as a pack has them. */
function packHead(type: NewObject["type"], length: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(length / 16);
  bytes.push((NUMBER[type] << 4) | (length & 15) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(low | (rest > 0 ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}
