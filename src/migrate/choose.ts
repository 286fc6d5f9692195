import { statusOf, WORK_STATUS } from "../context/status-word.ts";
import { BerthError } from "../errors.ts";
import { restorable } from "./restore.ts";
import type { Wish, World } from "./shape.ts";
import type { Origin } from "./sources.ts";
import { added, contextPath, type Unit } from "./unit.ts";

interface Choice {
  readonly chosen: readonly Unit[];
  /** The others that were asked about, and why they stay. */
  readonly staying: readonly (readonly [Unit, string])[];
}

/**
 * The pieces of work that a run is about. Tickets have room for all; of the central layout and of a workspace there is
 * one place: several contexts in one document could not be told apart again, so the others stay where they are.
 * @throws BerthError NOT_FOUND for a name that nothing has, USAGE where it is not clear which one is meant
 */
export function chosenUnits(world: World, wish: Wish): Choice {
  const { present } = world;
  const [units, own] = withoutOwn(world, wish);
  const named = renamed(units, wish.only);
  const unknown = wish.only.find((name) => !named.some((unit) => unit.name === name));
  if (unknown !== undefined) throw noSuchTicket(unknown, units);
  const wanted = named.filter(({ name }) => wish.only.length === 0 || wish.only.includes(name));
  if (wish.to === "tickets") {
    const there = present.filter((unit) => wanted.some(({ name }) => name === unit.name));
    return { chosen: together([...there, ...wanted], wish.to), staying: own };
  }
  const groups = together(
    [...present.filter((unit) => wanted.some(({ name }) => name === unit.name)), ...wanted],
    wish.to,
  );
  const occupant = groups.find(({ origin }) => origin === wish.to) ?? present[0];
  const one = theOne(groups, occupant, world, wish);
  if (one === null) return { chosen: [], staying: own };
  const path = contextPath(wish.to, one.name, wish.places);
  if (wish.to === "central" && occupant && one !== occupant)
    return { chosen: [], staying: [[one, `${path} is about ${occupant.name}: move that to its ticket first`]] };
  const staying = groups.filter((unit) => unit !== one && unit !== occupant);
  const why = `there is one place at ${path}, and it is for ${one.name}`;
  return {
    chosen: [occupant && one !== occupant ? join([occupant, one]) : one],
    staying: [...own, ...staying.map((unit) => [unit, why] as const)],
  };
}

/** The context of the session at work goes only where somebody says so, or back to where it came from. */
function withoutOwn(world: World, wish: Wish): readonly [readonly Unit[], Choice["staying"]] {
  const stays = (unit: Unit): boolean =>
    unit.origin === "sessions" &&
    wish.to !== "sessions" &&
    !wish.named &&
    !wish.only.includes(unit.name) &&
    restorable(unit, world, wish) === null;
  const why = "it is the context of this session; to move it: --from .session";
  return [world.units.filter((unit) => !stays(unit)), world.units.filter(stays).map((unit) => [unit, why] as const)];
}

/** A name that nothing has yet is given to the one piece of work that could be meant. */
function renamed(units: readonly Unit[], only: readonly string[]): readonly Unit[] {
  const [unknown, ...more] = only.filter((name) => !units.some((unit) => unit.name === name));
  const [first, ...others] = units.filter(({ origin, name }) => origin !== "tickets" && !only.includes(name));
  if (unknown === undefined || more.length > 0 || !first || others.length > 0) return units;
  return units.map((unit) => (unit === first ? { ...unit, name: unknown } : unit));
}

/** Units of one name are one; what is in its place already comes first. */
function together(units: readonly Unit[], to: Origin): Unit[] {
  const groups = new Map<string, Unit[]>();
  for (const unit of units) {
    const known = groups.get(unit.name) ?? [];
    const isKnown = known.some(({ parts }) => parts[0]?.path === unit.parts[0]?.path && !unit.parts[0]?.lines);
    if (!isKnown) groups.set(unit.name, [...known, unit]);
  }
  const rank = ({ origin }: Unit): number => [to, "tickets", "central", "sessions", "legacy"].indexOf(origin);
  return [...groups.values()].map((all) => join(all.toSorted((a, b) => rank(a) - rank(b))));
}

function join(units: readonly [Unit, ...Unit[]] | readonly Unit[]): Unit {
  const [first, ...rest] = units;
  if (!first) throw new BerthError("FAILED", "There is nothing to join.");
  return {
    ...first,
    fields: rest.reduce((fields, unit) => added(fields, unit.fields), first.fields),
    parts: units.flatMap(({ parts }) => parts),
  };
}

/** The piece of work that the one place is for; null where there is none at all. */
function theOne(groups: readonly Unit[], occupant: Unit | undefined, world: World, wish: Wish): Unit | null {
  const { to, only, here, named } = wish;
  const others = groups.filter((unit) => unit !== occupant);
  if (only.length === 0 && occupant && to === "central" && !named) return occupant;
  const active = others.filter(({ fields }) => statusOf(WORK_STATUS, fields["status"]) === "active");
  const cameFromThere = others.filter((unit) => restorable(unit, world, wish) !== null);
  const standsHere = others.filter(({ name }) => name === here);
  const likely = [others, standsHere, cameFromThere, active].find((all) => all.length === 1);
  const [one] = only.length === 1 ? groups : (likely ?? []);
  if (one) return one;
  if (others.length === 0 || (occupant && !named && only.length === 0)) return occupant ?? null;
  const names = others.map(({ name }) => name).toSorted();
  throw new BerthError("USAGE", `There is one place, and ${names.length} pieces of work could go there.`, {
    hint: `Say which with --only: ${names.join(", ")}.`,
    facts: { names },
  });
}

function noSuchTicket(wanted: string, units: readonly Unit[]): BerthError {
  const names = [...new Set(units.map(({ name }) => name))].toSorted();
  const hint = `There is ${names.join(", ")}. To give something another name, name its file too: --from FILE --only NAME`;
  return new BerthError("NOT_FOUND", `Nothing here is about ${wanted}.`, {
    hint: names.length === 0 ? "See what there is with: berth migrate --to tickets --dry-run" : hint,
    facts: { wanted, names },
  });
}
