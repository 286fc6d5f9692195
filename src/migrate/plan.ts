import { isBerthError } from "../errors.ts";
import { shortHash } from "../hash.ts";
import { type Missing, unaccounted } from "./account.ts";
import { withoutSections } from "./board.ts";
import { chosenUnits } from "./choose.ts";
import { convert, type Converted, convertText, convertWhole, stays } from "./convert.ts";
import { restorable } from "./restore.ts";
import type { Edit, MigrationPlan, PlannedUnit, Step, Wish, World } from "./shape.ts";
import { type Broken, contextPath, type Part, type Unit } from "./unit.ts";

/**
 * Plans a migration. Pure: nothing is read or written, and the same world and wish give the same plan.
 * @throws BerthError USAGE where a layout has one place and several pieces of work could go there
 */
export function planMigration(world: World, wish: Wish): MigrationPlan {
  const { chosen, staying } = chosenUnits(world, wish);
  const isAsked = ({ path }: Broken): boolean =>
    wish.only.length === 0 || wish.only.some((name) => path.split("/").includes(name));
  const broken = world.broken.filter(isAsked).map(brokenStep);
  const brokenPaths = new Set([...world.broken, ...world.blocked].map(({ path }) => path));
  const planned: PlannedUnit[] = [];
  const steps: Step[] = [];
  for (const unit of chosen) {
    const target = contextPath(wish.to, unit.name, wish.places);
    const made = brokenPaths.has(target) ? `${target} is broken, and is in its place` : plannedUnit(unit, world, wish);
    if (typeof made === "string") steps.push(stayStep(unit, made));
    else if (made !== null) planned.push(made);
  }
  const run = planned.length === 0 ? null : runOf(planned, world, wish);
  const archives = run === null ? new Map<string, string>() : archivesOf(planned, wish, run);
  const edits = editsOf(planned, archives);
  const gone = new Set(edits.flatMap(({ path, content }) => (content === null ? [path] : [])));
  return {
    run,
    to: wish.to,
    steps: [
      ...planned.map((unit) => stepOf(unit, archives, gone)),
      ...steps,
      ...staying.map((one) => stayStep(...one)),
      ...broken,
    ],
    units: planned,
    edits,
    archives,
  };
}

/** What becomes of a unit; null where it is as it should be already, a text where it cannot be done. */
function plannedUnit(unit: Unit, world: World, wish: Wish): PlannedUnit | string | null {
  const restore = restorable(unit, world, wish);
  const parts = unit.parts.filter((part) => !stays(part, unit, wish.to));
  if (restore) return { name: restore.restores.unit.name, origin: unit.origin, parts, ...restore };
  const target = contextPath(wish.to, unit.name, wish.places);
  if (world.entryAt(target) && !parts.some(({ path }) => path === target)) return `${target} is there already`;
  const made = converted(unit, parts, wish, target);
  if (typeof made === "string") return made;
  const [only, ...more] = parts;
  if (only && more.length === 0 && only.path === target && made.context === only.text) return null;
  const mode = parts.find(({ path }) => path === target)?.mode ?? "100644";
  const context = { path: target, mode, content: { text: made.context } };
  if (made.ticket === null) return { name: unit.name, origin: unit.origin, restores: null, parts, targets: [context] };
  const ticket = { path: target.replace(/[^/]+$/, "ticket.yml"), mode: "100644", content: { text: made.ticket } };
  if (world.entryAt(ticket.path)) return `${ticket.path} is there already, without a context beside it`;
  return { name: unit.name, origin: unit.origin, restores: null, parts, targets: [context, ticket] };
}

/** The texts of a unit, proven to hold everything; a text that says why not where there are none. */
function converted(unit: Unit, parts: readonly Part[], wish: Wish, path: string): Converted | string {
  let reason = "";
  for (const way of [convert, convertWhole, convertText]) {
    try {
      const made = way(unit, wish.to, wish.nextPhase);
      const ticket = made.ticket === null ? [] : [{ path: "ticket.yml", text: made.ticket }];
      const [missing] = unaccounted(parts, [{ path, text: made.context }, ...ticket]);
      if (!missing) return made;
      reason = sayMissing(missing);
    } catch (error) {
      if (!isBerthError(error)) throw error;
      reason = error.message;
    }
  }
  return reason;
}

/** What is missing, for people. */
export function sayMissing({ path, line, what }: Missing): string {
  return `${path}${line === null ? "" : `:${line}`} would lose ${JSON.stringify(what.slice(0, 120))}`;
}

function runOf(planned: readonly PlannedUnit[], { manifests }: World, { to }: Wish): string {
  const sources = planned.map(({ name, parts, targets }) => [
    name,
    parts.map(({ path, oid, lines }) => [path, oid, lines]),
    targets.map(({ path, content }) => [path, content]),
  ]);
  return `${to}-${shortHash(JSON.stringify([to, sources, manifests.map(({ run }) => run)])).slice(0, 12)}`;
}

/** Where the bytes of what is replaced are kept: of everything but what moves as it is, or is restored. [CTX-17] */
function archivesOf(planned: readonly PlannedUnit[], { places }: Wish, run: string): Map<string, string> {
  const archives = new Map<string, string>();
  for (const { parts, targets, restores } of planned) {
    if (restores !== null) continue;
    for (const { path, text } of parts) {
      const isWhole = targets.some(({ content }) => "text" in content && content.text === text);
      if (!isWhole) archives.set(path, `${places.central}/_legacy/${run}/${path}`);
    }
  }
  return archives;
}

function editsOf(planned: readonly PlannedUnit[], archives: ReadonlyMap<string, string>): Edit[] {
  const edits = new Map<string, Edit>();
  const boards = new Map<string, [number, number][]>();
  for (const { parts, restores } of planned) {
    for (const { path, mode, oid, lines } of parts) {
      edits.set(path, { path, mode, content: null });
      if (lines) boards.set(path, [...(boards.get(path) ?? []), [...lines]]);
      const archive = archives.get(path);
      if (archive !== undefined) edits.set(archive, { path: archive, mode, content: { oid } });
    }
    for (const path of restores?.gone ?? []) edits.set(path, { path, mode: "100644", content: null });
  }
  for (const [path, gone] of boards) {
    const whole = planned.flatMap(({ parts }) => parts).find((part) => part.path === path);
    const rest = whole?.board ? withoutSections(whole.board, gone) : null;
    if (whole && rest !== null) edits.set(path, { path, mode: whole.mode, content: { text: rest } });
  }
  for (const { targets } of planned)
    for (const { path, mode, content } of targets) edits.set(path, { path, mode, content });
  return [...edits.values()];
}

function stepOf(
  { name, parts, targets, restores }: PlannedUnit,
  archives: ReadonlyMap<string, string>,
  gone: ReadonlySet<string>,
): Step {
  const from = parts.map(({ path }) => path);
  const archived = from.flatMap((path) => archives.get(path) ?? []);
  const isLast = parts.some(({ path, lines }) => lines !== null && gone.has(path));
  const around = isLast ? "what stands on the board around its sessions is in the archive alone" : null;
  const action = restores === null ? (archived.length === 0 ? "move" : "convert") : "restore";
  return { action, name, from, to: targets.map(({ path }) => path), archived, reason: around };
}

function stayStep(unit: Unit, reason: string): Step {
  const from = unit.parts.map(({ path }) => path);
  return { action: "stay", name: unit.name, from, to: [], archived: [], reason };
}

function brokenStep({ path, message }: Broken): Step {
  return { action: "broken", name: null, from: [path], to: [], archived: [], reason: message };
}
