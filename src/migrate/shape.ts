import type { Layout } from "../context/locate.ts";
import type { Manifest, ManifestUnit } from "./schema.ts";
import type { Broken, Part, SourceFile, Unit } from "./unit.ts";

/** What a run would do with one piece of work. */
export interface Step {
  readonly action: "move" | "convert" | "restore" | "stay" | "broken";
  readonly name: string | null;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly archived: readonly string[];
  /** Why it stays, or what is broken, with its place. */
  readonly reason: string | null;
}

/** A file as a run writes it: a text, or what git has already. */
export type Content = { readonly text: string } | { readonly oid: string };

/** What becomes of one path; null removes it. */
export interface Edit {
  readonly path: string;
  readonly mode: string;
  readonly content: Content | null;
}

/** What an earlier run made and nobody changed since: what it was made from comes back for it. */
export interface Restored {
  readonly run: string;
  readonly unit: ManifestUnit;
  /** Its archives, whose bytes stand in their own places again. */
  readonly gone: readonly string[];
}

/** One piece of work as the manifest will tell of it. */
export interface PlannedUnit {
  readonly name: string;
  readonly origin: ManifestUnit["origin"];
  readonly restores: Restored | null;
  readonly parts: readonly Part[];
  readonly targets: readonly (Edit & { readonly content: Content })[];
}

/** A run, before anything is done. */
export interface MigrationPlan {
  /** What the run is called: the same for the same work on the same files; null where there is nothing to do. */
  readonly run: string | null;
  readonly to: Layout;
  readonly steps: readonly Step[];
  readonly units: readonly PlannedUnit[];
  readonly edits: readonly Edit[];
  /** Paths to those that their bytes are archived under. */
  readonly archives: ReadonlyMap<string, string>;
}

/** What a plan is made from. */
export interface World {
  /** What was asked about. */
  readonly units: readonly Unit[];
  /** What is in the layout already that the run goes to. */
  readonly present: readonly Unit[];
  /** Of what was asked about, that which cannot be read. */
  readonly broken: readonly Broken[];
  /** Of what is in the layout already: in its place nothing can be put. */
  readonly blocked: readonly Broken[];
  readonly manifests: readonly Pick<Manifest, "run" | "to" | "units">[];
  /** What the commit has at a path. */
  readonly entryAt: (path: string) => Pick<SourceFile, "oid" | "mode"> | null;
}

/** What is asked for. */
export interface Wish {
  readonly to: Layout;
  /** Tickets by name; empty: all there are, or the one that can be meant. */
  readonly only: readonly string[];
  readonly places: { readonly central: string; readonly tickets: string };
  /** Where the ticket of a phase goes on. */
  readonly nextPhase: (phase: string) => string | null;
  /** The ticket of the branch one stands on. */
  readonly here: string | null;
  /** Whether sources were named: none but these can be meant. */
  readonly named: boolean;
}

/** What a run did, or would do. */
export interface Migrated {
  /** Null where there was nothing to do. */
  readonly run: string | null;
  readonly plan: readonly Step[];
  /** True once the commit was proven to hold every byte; null where nothing was committed. */
  readonly verified: boolean | null;
  readonly commit: string | null;
  /** How much was looked at for that. */
  readonly checked: { readonly files: number; readonly bytes: number } | null;
  /** Paths that a roll-back leaves as they are; they can be taken back once nothing stands in the way. */
  readonly left: readonly string[];
  readonly warnings: readonly string[];
}
