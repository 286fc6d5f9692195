import { z } from "zod";
import type { Layout } from "../context/locate.ts";
import type { Format } from "../context/read.ts";
import { parseYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import type { Origin, Role } from "./sources.ts";

/** A file as a commit has it; null for none. */
export type ManifestEntry = { readonly mode: "100644" | "100755"; readonly blob: string } | null;

export interface ManifestSource {
  readonly path: string;
  readonly role: Role;
  readonly format: Format;
  readonly mode: string;
  readonly blob: string;
  /** The lines of a board that tell of this work, counted from 1, the last one included. */
  readonly lines?: readonly [number, number] | undefined;
  /** Where its bytes are kept; null where a target has the very same. */
  readonly archive: string | null;
}

export interface ManifestUnit {
  readonly name: string;
  readonly origin: Origin;
  /** The run that is taken back for this piece of work. */
  readonly restores: string | null;
  readonly sources: readonly ManifestSource[];
  readonly targets: readonly { readonly path: string; readonly mode: string; readonly blob: string }[];
}

/** What a run writes down of itself, in the commit that it makes: enough to prove it, and to take it back. */
export interface Manifest {
  readonly run: string;
  readonly to: Layout;
  readonly units: readonly ManifestUnit[];
  /** Every path that is other than before, but for the manifest itself. */
  readonly changes: readonly { readonly path: string; readonly before: ManifestEntry; readonly after: ManifestEntry }[];
}

const oid = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const mode = z.enum(["100644", "100755"]);
/** A path below the top of a checkout. */
const path = z
  .string()
  .min(1)
  .max(4000)
  .refine(
    (text) => text.split("/").every((part) => !/^(?:|\.|\.\.|\.git)$/i.test(part)),
    "must be a path below the top",
  );
const entry = z.strictObject({ mode, blob: oid }).nullable();

const source = z.strictObject({
  path,
  role: z.enum(["context", "ticket", "checklist", "plan", "notes", "journal", "board"]),
  format: z.enum(["front-matter", "fenced", "prose", "json", "key-value"]),
  mode,
  blob: oid,
  lines: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  archive: path.nullable(),
});

const unit = z.strictObject({
  name: z.string().min(1).max(200),
  origin: z.enum(["sessions", "tickets", "central", "legacy"]),
  restores: z.string().max(200).nullable(),
  sources: z.array(source).min(1),
  targets: z.array(z.strictObject({ path, mode, blob: oid })).min(1),
});

const manifestSchema = z.strictObject({
  run: z.string().regex(/^(?:sessions|tickets|central)-[0-9a-f]{12}$/),
  to: z.enum(["sessions", "tickets", "central"]),
  units: z.array(unit).min(1),
  changes: z.array(z.strictObject({ path, before: entry, after: entry })).min(1),
});

/**
 * Reads a manifest.
 * @throws BerthError INVALID where somebody changed it into something else
 */
export function readManifest(text: string, file: string): Manifest {
  const parsed = manifestSchema.safeParse(parseYaml(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BerthError("INVALID", `${file} is no manifest: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`, {
    hint: `Bring it back as it was: git log -- ${file}`,
    facts: { file },
  });
}
