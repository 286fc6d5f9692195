import { isBerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import type { Project } from "../project.ts";
import { broughtSince, type Content, contentOf, onlyHere } from "./content.ts";
import { checkpointRefs, type KeptCheckpoint, readCheckpoint } from "./read.ts";

/** How many checkpoints of a session stay, and for how long. */
export interface Keeping {
  readonly keep: number;
  readonly days: number;
}

/** What a pruning would do, as plain data. */
export interface PrunePlan {
  /** These go: something newer holds all of their content. */
  readonly drops: readonly { readonly ref: string; readonly commit: Oid }[];
  /** These should go by number or age, and hold something that nothing newer has. */
  readonly stays: readonly { readonly ref: string; readonly why: string }[];
}

/**
 * Decides which checkpoints of a session may go: beyond the number or the age that is kept, and only where something
 * newer, a later checkpoint that stays or what was committed since, holds the same contents and commits. [INV-3]
 */
export async function planPrune(
  project: Project,
  session: string,
  keeping: Keeping,
  known?: Awaited<ReturnType<typeof checkpointRefs>>,
): Promise<PrunePlan> {
  const refs = known ?? (await checkpointRefs(project, session));
  const oldest = project.clock.now() - keeping.days * 86_400_000;
  // The newest one stays in any case: nothing newer can hold what it does.
  const surplus = refs.slice(0, -1).filter(([ref], at) => at < refs.length - keeping.keep || timeOf(ref) < oldest);
  const drops: { ref: string; commit: Oid }[] = [];
  const stays: { ref: string; why: string }[] = [];
  if (surplus.length === 0) return { drops, stays };
  const gone = new Set<string>();
  const contents = new Map<string, Content>();
  const contentAt = async (kept: KeptCheckpoint): Promise<Content> => {
    const known = contents.get(kept.ref) ?? (await contentOf(project, kept));
    contents.set(kept.ref, known);
    return known;
  };
  for (const [ref, commit] of surplus) {
    const kept = await readOrNull(project, ref, commit);
    if (!kept) {
      stays.push({ ref, why: "it cannot be read" });
      continue;
    }
    const newer = refs.slice(refs.findIndex(([one]) => one === ref) + 1).filter(([one]) => !gone.has(one));
    const why = await missing(project, kept, newer, contentAt);
    if (why !== null) stays.push({ ref, why });
    else {
      gone.add(ref);
      drops.push({ ref, commit });
    }
  }
  return { drops, stays };
}

/** When a checkpoint was taken, by its name; never for one that has another name. */
function timeOf(ref: string): number {
  const [, day, clock] = /\/(\d{8})T(\d{6})\d{0,3}Z-[0-9a-f]+$/.exec(ref) ?? [];
  if (day === undefined || clock === undefined) return Number.POSITIVE_INFINITY;
  const parts = [day.slice(0, 4), day.slice(4, 6), day.slice(6)].join("-");
  return Date.parse(`${parts}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}Z`);
}

async function readOrNull(project: Project, ref: string, commit: Oid): Promise<KeptCheckpoint | null> {
  try {
    return await readCheckpoint(project, ref, commit);
  } catch (error) {
    if (isBerthError(error) && error.code === "UNREADABLE") return null;
    throw error;
  }
}

/** What of a checkpoint nothing newer has, as a sentence; null when it may go. */
async function missing(
  project: Project,
  kept: KeptCheckpoint,
  newer: readonly (readonly [string, Oid])[],
  contentAt: (kept: KeptCheckpoint) => Promise<Content>,
): Promise<string | null> {
  const { blobs, commits } = await contentAt(kept);
  const lone = await onlyHere(
    project,
    commits,
    newer.map(([, commit]) => commit),
  );
  if (lone.length > 0) return `only it leads to the commit ${lone[0]?.slice(0, 10)}`;
  const wanted = new Set(blobs);
  for (const [ref, commit] of newer.toReversed()) {
    if (wanted.size === 0) return null;
    const other = await readOrNull(project, ref, commit);
    if (other) for (const blob of (await contentAt(other)).blobs) wanted.delete(blob);
  }
  if (wanted.size > 0) for (const blob of await broughtSince(project, kept.manifest.head)) wanted.delete(blob);
  if (wanted.size === 0) return null;
  const named = kept.manifest.files.find(({ oid }) => wanted.has(oid))?.path;
  return named === undefined
    ? "nothing newer has what was staged or under way in it"
    : `nothing newer has its version of ${named}`;
}
