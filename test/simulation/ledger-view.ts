import { parseYaml } from "../../src/document/yaml.ts";
import { commitOf, entryAt, get, type Objects, type Stored, treeOf } from "./git/objects.ts";

/** What a claim's record says, read without the product's own reader. */
export interface Claim {
  readonly epoch: number;
  readonly agent: string;
  readonly token: string;
  readonly tip: string | null;
  readonly landed: readonly { readonly commit: string; readonly tip: string }[];
  readonly landing: { readonly commit: string; readonly tip: string } | null;
  readonly ended: { readonly how: string } | null;
}

export interface SessionView {
  readonly states: readonly string[];
  readonly locked: boolean;
  readonly claim: Claim | null;
  /** Equal only as long as nothing of it changes. */
  readonly sign: string;
}

const STATES = ["drafting", "planned", "active", "completed", "abandoned"];

/** Every session of the ledger at a commit. */
export function ledgerAt(objects: Objects, commit: string): Map<string, SessionView> {
  const { tree } = commitOf(objects, commit);
  const lock = entryAt(objects, tree, "sessions.lock");
  const lines = lock ? get(objects, lock.oid, "blob").data.toString("utf8").split("\n") : [];
  const locked = new Set(lines.filter(Boolean).map((line) => line.split(":")[0]));
  const found = new Map<string, SessionView>();
  for (const state of STATES) {
    const folder = entryAt(objects, tree, state);
    for (const [id, entry] of folder ? treeOf(objects, folder.oid) : []) {
      if (entry.mode !== "040000") continue;
      const record = entryAt(objects, entry.oid, "claim.yaml");
      const claim = record ? claimIn(get(objects, record.oid, "blob")) : null;
      const states = [...(found.get(id)?.states ?? []), state];
      const isLocked = locked.has(id);
      found.set(id, { states, locked: isLocked, claim, sign: `${states.join()} ${isLocked} ${entry.oid}` });
    }
  }
  return found;
}

const claims = new WeakMap<Stored, Claim>();

function claimIn(stored: Stored): Claim {
  const known = claims.get(stored);
  if (known) return known;
  const claim = parseYaml(stored.data.toString("utf8"), "claim.yaml") as Claim;
  claims.set(stored, claim);
  return claim;
}

/** A session with its one state; null where it stands in none, or in several. */
export function stateOf(view: SessionView | undefined): string | null {
  return view?.states.length === 1 ? (view.states[0] ?? null) : null;
}
