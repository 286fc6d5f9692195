import { lstat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { BerthError, isBerthError } from "../errors.ts";
import { readStatus } from "../git/status.ts";
import type { Project } from "../project.ts";
import { readMarker } from "../workspace/marker.ts";
import { vocabularyOf } from "../context/vocabulary.ts";
import type { Checkout } from "./checkout.ts";
import { type Entries, entriesAt } from "./entries.ts";
import type { World } from "./shape.ts";
import { readManifest } from "./schema.ts";
import { type Group, groupsOf, type Where } from "./sources.ts";
import { decoded } from "./text.ts";
import { type Broken, type SourceFile, unitsOf } from "./unit.ts";
import type { Layout } from "../context/locate.ts";

interface Look {
  readonly to: Layout;
  /** Files and folders, from where one stands. */
  readonly from: readonly string[];
}

/** Everything a plan is made from, as the checkout's last commit has it, and what the checkout has otherwise. */
export async function readWorld(
  project: Project,
  checkout: Checkout,
  { to, from }: Look,
): Promise<World & { readonly dirty: readonly string[]; readonly untracked: readonly string[] }> {
  const marker = await readMarker(project.here.gitDir);
  const { central, tickets } = project.config.context;
  const where: Where = {
    central,
    tickets,
    session: marker?.session ?? null,
    from: placesBelow(project, checkout.top, from),
  };
  const tree = await entriesAt(checkout, checkout.head);
  const usual: Where = { ...where, from: [] };
  const all = [...tree.keys()].filter((path) => !path.includes("\uFFFD"));
  const asked = groupsOf(all, where);
  const there = groupsOf(all, usual).filter(({ origin }) => origin === to);
  const paths = [...asked, ...there].flatMap(({ files }) => files.map(({ path }) => path));
  const files = await filesAt(checkout, tree, new Set(paths));
  const reading = { words: vocabularyOf(project.config), startPhase: project.config.context.start.phase };
  const read = unitsOf(asked, (path) => files.get(path), reading);
  const present = unitsOf(there, (path) => files.get(path), reading);
  const manifests = await manifestsIn(checkout, tree, `${central}/_migrations/`);
  const { changed, untracked } = await readStatus(checkout.git, checkout.top);
  // What git was told to ignore may be somebody's only context.
  const { ignored } = await readStatus(checkout.git, checkout.top, { ignored: true, paths: [central, tickets] });
  // The context of the session at work is meant only where it is named.
  const isMeant = ({ origin }: Group): boolean => origin !== "sessions" || from.length > 0;
  const loose = groupsOf([...untracked, ...ignored], where).filter(isMeant);
  await requireThere(checkout, where.from, [...tree.keys()], untracked);
  return {
    units: read.units,
    present: present.units,
    broken: [...read.broken, ...unspelled([...tree.keys()], where), ...manifests.broken],
    blocked: present.broken,
    manifests: manifests.whole,
    entryAt: (path) => tree.get(path) ?? null,
    dirty: changed,
    untracked: loose.flatMap((group) => group.files.map(({ path }) => path)),
  };
}

/** Sources whose names are no UTF-8: no manifest could name them. */
function unspelled(paths: readonly string[], where: Where): Broken[] {
  const groups = groupsOf(
    paths.filter((path) => path.includes("\uFFFD")),
    where,
  );
  const message = "its name is no UTF-8 text; give it another one (git mv)";
  return groups.flatMap(({ files }) => files.map(({ path }) => ({ path, message: `${path}: ${message}`, line: 1 })));
}

/** @throws BerthError INVALID for a place outside of the checkout */
function placesBelow({ cwd }: Pick<Project, "cwd">, top: string, from: readonly string[]): string[] {
  return from.map((place) => {
    const path = relative(top, resolve(cwd, place)).replaceAll("\\", "/");
    if (path !== ".." && !path.startsWith("../") && !path.startsWith("/")) return path;
    throw new BerthError("INVALID", `${place} is not in the checkout ${top}.`, {
      hint: "Copy it into the checkout, commit it, and name it there.",
      facts: { place },
    });
  });
}

/** @throws BerthError NOT_FOUND, or DIRTY for what no commit has */
async function requireThere(
  { top }: Checkout,
  from: readonly string[],
  paths: readonly string[],
  untracked: readonly string[],
): Promise<void> {
  for (const place of from) {
    const isIn = (path: string): boolean => place === "" || path === place || path.startsWith(`${place}/`);
    if (paths.some(isIn)) continue;
    if (untracked.some(isIn) || (await lstat(join(top, place)).catch(() => null))) throw uncommitted([place]);
    throw new BerthError("NOT_FOUND", `There is no ${place} in the last commit.`, { hint: "Check the path." });
  }
}

/** The refusal of sources that no commit has as they are: they could not be given back. */
export function uncommitted(paths: readonly string[]): BerthError {
  return new BerthError("DIRTY", `What is to be moved is not committed: ${paths.slice(0, 5).join(", ")}.`, {
    hint: `Commit it first: git add ${paths[0] ?? "."} && git commit. Nothing was changed.`,
    facts: { paths },
  });
}

async function filesAt(
  { objects }: Checkout,
  tree: Entries,
  paths: ReadonlySet<string>,
): Promise<Map<string, SourceFile>> {
  const files = new Map<string, SourceFile>();
  for (const path of paths) {
    const entry = tree.get(path);
    const object = entry && (await objects.read(entry.oid));
    if (entry && object) files.set(path, { path, ...entry, text: decoded(object.data) });
  }
  return files;
}

async function manifestsIn(
  checkout: Checkout,
  tree: Entries,
  folder: string,
): Promise<{ readonly whole: World["manifests"]; readonly broken: readonly Broken[] }> {
  const paths = [...tree.keys()].filter((path) => path.startsWith(folder) && path.endsWith(".yml"));
  const files = await filesAt(checkout, tree, new Set(paths));
  const whole: World["manifests"][number][] = [];
  const broken: Broken[] = [];
  for (const { path, text } of files.values()) {
    try {
      whole.push(readManifest(text ?? "", path));
    } catch (error) {
      if (!isBerthError(error)) throw error;
      broken.push({ path, message: error.message, line: 1 });
    }
  }
  return { whole, broken };
}
