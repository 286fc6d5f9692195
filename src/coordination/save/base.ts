import { BerthError } from "../../errors.ts";
import { oid } from "../../git/names.ts";
import { run } from "../../git/run.ts";
import type { Project } from "../../project.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { blobNames, textHash } from "../../disk/text-file.ts";

/** The text that somebody started from, as he names it. */
export type Base =
  | { readonly kind: "none" }
  /** `sha256:` and 64 digits. */
  | { readonly kind: "text"; readonly hash: string }
  /** The object name of git's blob: the 40 (in some repositories 64) digits of `git hash-object`. */
  | { readonly kind: "blob"; readonly name: string };

/** @throws BerthError INVALID */
export function parseBase(given: string | null): Base {
  if (given === null || given === "none") return { kind: "none" };
  const text = given.toLowerCase();
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return { kind: "text", hash: text };
  if (/^[0-9a-f]{40}$/.test(text)) return { kind: "blob", name: text };
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: "text", hash: `sha256:${text}` };
  throw new BerthError("INVALID", `${JSON.stringify(given.slice(0, 80))} is no hash of a file.`, {
    hint: "Take the hash that the last save gave, that of `git hash-object FILE` or `sha256sum FILE`, or none for a new file.",
  });
}

/** Whether a text (null: no file) is the one that is meant. */
export function isBase(base: Base, text: string | null): boolean {
  if (base.kind === "none" || text === null) return base.kind === "none" && text === null;
  return base.kind === "text" ? textHash(text) === base.hash : blobNames(text).includes(base.name);
}

/**
 * A base that names the file as git would store it (with other line ends, where the checkout asks for that), as the hash
 * of the file as it is.
 */
export async function ownBase(project: Project, base: Base, path: string, text: string | null): Promise<Base> {
  if (base.kind !== "blob" || text === null || isBase(base, text)) return base;
  const dir = project.here.top ?? project.cwd;
  const said = await run(project.git, ["hash-object", "--stdin", `--path=${path}`], {
    dir,
    input: text,
    accept: [128],
  });
  return said.stdout.toString("utf8").trim() === base.name ? { kind: "text", hash: textHash(text) } : base;
}

/**
 * The text that is meant, from what git has of the file: looked up before anything is written, as git takes its time.
 * @param path from the top of the checkout
 */
export async function baseInGit(project: Project, base: Base, path: string): Promise<string | null> {
  if (base.kind === "none") return null;
  const dir = project.here.top ?? project.cwd;
  if (base.kind === "blob") {
    // As it would lie in the checkout.
    const args = ["cat-file", "--filters", `--path=${path}`, oid(base.name)];
    const { code, stdout } = await run(project.git, args, { dir, accept: [1, 128, 255] });
    const text = stdout.toString("utf8");
    // What is no UTF-8 text is not the same after its reading.
    return code === 0 && Buffer.from(text).equals(stdout) ? text : null;
  }
  for (const name of [`:${path}`, `HEAD:${path}`]) {
    const { code, stdout } = await run(project.git, ["cat-file", "blob", name], { dir, accept: [128] });
    const text = stdout.toString("utf8");
    if (code === 0 && isBase(base, text)) return text;
  }
  return null;
}

/** Keeps texts that somebody may start from. */
export async function rememberTexts(tx: Writing, texts: readonly (string | null)[]): Promise<void> {
  for (const text of texts)
    if (text !== null)
      await tx.run(
        `insert into file_text (project, hash, body, at) values ($1, $2, $3, $4)
         on conflict (project, hash) do update set at = $4`,
        tx.project,
        textHash(text),
        text,
        tx.now,
      );
}

/** A text that was kept; null where it is not known (any more). @param file whose saves are looked through for a blob */
export async function recall(
  tx: Reading,
  base: Base,
  file: { readonly place: string; readonly path: string },
): Promise<string | null> {
  if (base.kind === "none") return null;
  if (base.kind === "text") {
    const sql = "select body from file_text where project = $1 and hash = $2";
    return (await tx.one<{ body: string }>(sql, tx.project, base.hash))?.body ?? null;
  }
  const rows = await tx.all<{ body: string }>(
    `select body from file_text where project = $1 and hash in
       (select hash from file_save where project = $1 and place = $2 and path = $3)`,
    tx.project,
    file.place,
    file.path,
  );
  return rows.find(({ body }) => isBase(base, body))?.body ?? null;
}
