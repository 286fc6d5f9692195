import { fields } from "../git/run.ts";
import type { Checkout } from "./checkout.ts";
import type { ManifestEntry } from "./schema.ts";

/** Every file of a commit, by path. */
export type Entries = ReadonlyMap<string, { readonly mode: string; readonly oid: string }>;

/** Reads what a commit has, in one go. */
export async function entriesAt({ git }: Pick<Checkout, "git">, commit: string): Promise<Entries> {
  const entries = new Map<string, { mode: string; oid: string }>();
  for (const line of await fields(git, ["ls-tree", "-r", "-z", "--full-tree", commit])) {
    const tab = line.indexOf("\t");
    const [mode = "", type, oid = ""] = line.slice(0, tab).split(" ");
    if (type === "blob") entries.set(line.slice(tab + 1), { mode, oid });
  }
  return entries;
}

/** What a commit has at a path, as a manifest says it. */
export function entryOf(entries: Entries, path: string): ManifestEntry {
  const entry = entries.get(path);
  return entry === undefined ? null : { mode: fileMode(entry.mode), blob: entry.oid };
}

export function sameEntry(a: ManifestEntry, b: ManifestEntry): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.blob === b.blob;
}

/** Links and folders are no sources, so that a file is all there can be. */
export function fileMode(mode: string): "100644" | "100755" {
  return mode === "100755" ? mode : "100644";
}
