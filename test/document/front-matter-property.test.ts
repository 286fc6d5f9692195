import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseFrontMatter, setFields } from "../../src/document/front-matter.ts";
import { type Region, type Written, writtenDocuments } from "../support/written-documents.ts";

type Path = readonly (string | number)[];
type Deed = "replace" | "remove" | "append";

const options = { anchors: true };
const newValue = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => `new ${text}`),
  fc.constantFrom<unknown>("new", "new: #", "new\ntext\n", "12", "true", 1e21, -7, false, null, "ü\u2028\u202E", [
    "new",
  ]),
  fc.constantFrom<unknown>([], {}, { new: { deep: ["x", 1] } }, [{ id: "new" }], [[]]),
);
const edits = fc.record({
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  deed: fc.constantFrom<Deed>("replace", "replace", "remove", "append"),
  value: newValue,
});

/** Where the picks lead, and the top-level changes that do the deed there. */
function planned(
  data: Record<string, unknown>,
  picks: readonly number[],
  deed: Deed,
  value: unknown,
): [Path, Record<string, unknown>] {
  const whole = structuredClone(data);
  const path: (string | number)[] = [];
  let holder: Record<string | number, unknown> = whole;
  for (const pick of picks) {
    const inner = path.length === 0 ? holder : (holder[path.at(-1) ?? ""] as typeof holder);
    if (typeof inner !== "object" || inner === null || Object.keys(inner).length === 0) break;
    const names = Object.keys(inner);
    const name = names[pick % names.length] ?? "";
    holder = inner;
    path.push(Array.isArray(inner) ? Number(name) : name);
  }
  const last = path.at(-1) ?? "";
  if (deed === "append" && Array.isArray(holder)) holder.push(value);
  else if (deed === "append") holder["added"] = value;
  else if (deed === "remove" && Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (deed === "remove") delete holder[last];
  else holder[last] = value;
  const top = deed === "append" && path.length === 1 ? "added" : String(path[0]);
  return [path, { [top]: whole[top] }];
}

/** The lines that a change may touch: the smallest entry around it, and entries with aliases of what it changes. */
function touched({ text, regions, anchors }: Written, path: Path, deed: Deed, twins: boolean): Region[] {
  const found = new Set<Region>();
  const outer = path.slice(0, -1);
  const smallest = (changed: Path): Region | undefined =>
    regions.filter((r) => isWithin(changed, r.path)).toSorted((a, b) => b.path.length - a.path.length)[0];
  const add = (changed: Path): void => {
    const region = smallest(changed);
    if (!region || found.has(region)) return;
    found.add(region);
    for (const anchor of anchors)
      if (isWithin(anchor.path, region.path) || isWithin(changed, anchor.path)) for (const use of anchor.uses) add(use);
  };
  const neighbours = regions.filter((r) => r.path.length === path.length && isWithin(r.path, outer));
  if (deed === "append" && neighbours.length > 0) {
    // The keys at the top are followed by what stands before the fence.
    const at =
      outer.length === 0 ? text.lastIndexOf("---", bodyAt(text) - 1) : Math.max(...neighbours.map(({ to }) => to));
    found.add({ path, lead: at, from: at, to: at });
    for (const anchor of anchors) if (isWithin(path, anchor.path)) for (const use of anchor.uses) add(use);
  } else {
    const own = regions.find((r) => r.path.length === path.length && isWithin(path, r.path));
    const sharesLine = own !== undefined && own.from === smallest(outer)?.from;
    const identity = path.at(-1) === "id";
    const whole =
      outer.length > 0 &&
      (deed === "append" || identity || (deed === "remove" && (sharesLine || neighbours.length === 1 || twins)));
    // What goes from behind a dash takes the entry around it along.
    let around = outer;
    while (around.length > 1 && smallest(around)?.from === smallest(around.slice(0, -1))?.from)
      around = around.slice(0, -1);
    add(whole ? around : path);
  }
  return [...found];
}

/** Where the line before the body begins. */
function bodyAt(text: string): number {
  return text.length - parseFrontMatter(text, "f", options).body.length;
}

/** Whether a list holds an item twice, so that nobody can tell which of them went. */
function hasTwins(data: unknown, path: Path): boolean {
  const holder = path.slice(0, -1).reduce((value, name) => (value as Record<string | number, unknown>)[name], data);
  return Array.isArray(holder) && new Set(holder.map((item) => JSON.stringify(item))).size < holder.length;
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((name, at) => path[at] === name);
}

/** The pieces of the text that stay, in order. */
function kept(text: string, lines: readonly Region[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const { lead, to } of lines.toSorted((a, b) => a.lead - b.lead || b.to - a.to)) {
    if (to < at) continue;
    pieces.push(text.slice(at, Math.max(at, lead)));
    // A text may keep the blank lines behind it.
    at = to + (text.includes("|+") ? (/^[\r\n]*/.exec(text.slice(to))?.[0].length ?? 0) : 0);
  }
  return [...pieces, text.slice(at)];
}

function expectKept(result: string, pieces: readonly string[]): void {
  const [first = "", ...others] = pieces;
  expect(result.startsWith(first), `${JSON.stringify(result)} begins with ${JSON.stringify(first)}`).toBe(true);
  let at = first.length;
  for (const [index, piece] of others.entries()) {
    const found = index === others.length - 1 ? result.length - piece.length : result.indexOf(piece, at);
    const stays = found >= at && result.slice(found, found + piece.length) === piece;
    expect(stays, `${JSON.stringify(piece)} in ${JSON.stringify(result)}`).toBe(true);
    at = found + piece.length;
  }
}

for (const anchored of [false, true]) {
  test(`[CTX-12] whatever is set${anchored ? " among anchors" : ""}, however deep, other lines keep their bytes`, () => {
    fc.assert(
      fc.property(writtenDocuments(anchored), edits, (written, { picks, deed, value }) => {
        const { text } = written;
        const old = parseFrontMatter(text, "f", options);
        expect(setFields(text, old.data, "f", options)).toBe(text);
        const [path, changes] = planned(old.data, picks, deed, value);
        const result = setFields(text, changes, "f", options);
        const read = parseFrontMatter(result, "f", options);
        const expected = Object.entries({ ...old.data, ...changes }).filter(([, given]) => given !== undefined);
        expect(read.data).toEqual(Object.fromEntries(expected));
        expect(read.body).toBe(old.body);
        expect(setFields(result, changes, "f", options)).toBe(result);
        expectKept(result, kept(text, touched(written, path, deed, hasTwins(old.data, path))));
      }),
      { numRuns: 600 },
    );
  });
}
