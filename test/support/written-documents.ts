import * as fc from "fast-check";

/** A document as somebody might have written it, with what a test has to know of its lines. */
export interface Written {
  readonly text: string;
  readonly regions: readonly Region[];
  /** Where each anchor is, and where aliases of it are. */
  readonly anchors: readonly Anchor[];
}

/** An entry of a map or an item of a list in block style. Places are offsets into the text. */
export interface Region {
  readonly path: Path;
  /** Where the comment lines directly above it begin; `from` for keys too is the beginning of its own first line. */
  readonly lead: number;
  readonly from: number;
  readonly to: number;
}

export interface Anchor {
  readonly path: Path;
  readonly uses: readonly Path[];
}

type Path = readonly (string | number)[];

type Spec =
  | { readonly kind: "scalar"; readonly source: string; readonly beside: string; readonly anchor: boolean }
  | { readonly kind: "alias"; readonly pick: number }
  | {
      readonly kind: "map" | "list";
      readonly indent: number;
      readonly gap: number;
      readonly compact: boolean;
      readonly ids: boolean;
      readonly anchor: boolean;
      readonly items: readonly { readonly before: string; readonly spec: Spec }[];
    };

const scalar: fc.Arbitrary<Spec> = fc.record({
  kind: fc.constant("scalar" as const),
  source: fc.constantFrom(
    ..."word|two words|'it''s'|\"quoted: #\"|12|-0.5|true|null||~|2025-10-14T09:30:00Z|größe 日本 🙂|[]|{}|[a,  b]|[ 1, 'x' ]|{ x: 1,  y: [z] }|{x: {y: 2}}|{ b: 1, 2: x, 1: y }|[{ id: 1 }, {id: 2}]".split(
      "|",
    ),
    "|\n@text\n@\n@  more",
    "|-\n@# no comment\n@- no item",
    ">-\n@folded\n@text",
    "|+\n@kept",
    "one\n@plain",
    '"one\n@\n@quoted # text"',
  ),
  beside: fc.constantFrom("", "", " # beside", "   # größe"),
  anchor: fc.boolean(),
});

const spec = fc.letrec<{ any: Spec; deeper: Spec }>((tie) => ({
  any: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: fc.record({ kind: fc.constant("alias" as const), pick: fc.nat() }), weight: 1 },
    { arbitrary: tie("deeper"), weight: 5 },
  ),
  deeper: fc.record({
    kind: fc.constantFrom("map" as const, "list" as const),
    indent: fc.nat({ max: 4 }),
    gap: fc.integer({ min: 1, max: 3 }),
    compact: fc.boolean(),
    ids: fc.boolean(),
    anchor: fc.boolean(),
    items: fc.array(
      fc.record({
        before: fc.constantFrom("", "", "", "# note\n", "\n", "# above\n\n# note: [\n", "\n# - x\n"),
        spec: tie("any"),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
}));

/** Documents with anchors where `anchored`, of any line ends, also mixed, with and without a byte-order mark. */
export function writtenDocuments(anchored: boolean): fc.Arbitrary<Written> {
  return fc
    .record({
      items: fc.array(fc.record({ before: fc.constantFrom("", "# note\n", "\n"), spec: spec.any }), {
        minLength: 1,
        maxLength: 5,
      }),
      ends: fc.constantFrom(["\n"], ["\r\n"], ["\n", "\r\n", "\r\n"]),
      mark: fc.constantFrom("", "\uFEFF"),
      body: fc.string({ unit: fc.constantFrom("a", "\n", "-", "---\n", "\r\n", "# ", "&x ") }),
      last: fc.constantFrom("", "# the end\n", "\n"),
    })
    .map(({ items, ends, mark, body, last }) => {
      const writer: Writer = { text: mark, ends, lines: 0, anchored, regions: [], anchors: [] };
      put(writer, "---\n");
      const top = { kind: "map" as const, indent: 0, gap: 1, compact: false, ids: false, anchor: false, items };
      writeEntries(writer, top, 0, [], false);
      put(writer, `${last}---\n`);
      return { text: writer.text + body, regions: writer.regions, anchors: writer.anchors };
    });
}

interface Writer {
  text: string;
  /** Taken in turn. */
  readonly ends: readonly string[];
  lines: number;
  readonly anchored: boolean;
  readonly regions: Region[];
  readonly anchors: { path: Path; uses: Path[]; closed: boolean }[];
}

type Collection = Extract<Spec, { readonly items: unknown }>;

function put(writer: Writer, text: string): void {
  writer.text += text.replaceAll("\n", () => writer.ends[writer.lines++ % writer.ends.length] ?? "");
}

function writeEntries(
  writer: Writer,
  { kind, gap, ids, items }: Collection,
  column: number,
  path: Path,
  dashed: boolean,
): void {
  const pad = " ".repeat(column);
  let behindDash = dashed;
  for (const [at, { before, spec }] of items.entries()) {
    const name = kind === "list" ? at : ids && at === 0 ? "id" : (["k0", "7", "k2", "3"][at] ?? `k${at}`);
    const inner = [...path, name];
    const comments = behindDash ? "" : before.replaceAll(/^(?=#)/gm, pad);
    const blank = /^(?:[^]*\n)?\n/.exec(comments)?.[0].length ?? 0;
    put(writer, comments.slice(0, blank));
    const lead = writer.text.length;
    put(writer, comments.slice(blank));
    const from = behindDash ? writer.text.lastIndexOf("\n") + 1 : writer.text.length;
    if (!behindDash) put(writer, pad);
    behindDash = false;
    if (name === "id") put(writer, `id: ${path.join("-")}x\n`);
    else if (kind === "map") {
      put(writer, `${name}:`);
      writeValue(writer, spec, column, inner, false);
    } else {
      put(writer, `-`);
      writeValue(
        writer,
        spec,
        column,
        inner,
        spec.kind !== "scalar" && spec.kind !== "alias" && spec.compact ? gap : true,
      );
    }
    writer.regions.push({ path: inner, lead, from, to: writer.text.length });
  }
}

/** @param item false behind a key; true in an item of a list; a number of spaces where the value may begin behind the dash */
function writeValue(writer: Writer, spec: Spec, column: number, path: Path, item: boolean | number): void {
  if (spec.kind === "alias") {
    const closed = writer.anchors.filter((anchor) => anchor.closed);
    const anchor = closed[spec.pick % (closed.length || 1)];
    anchor?.uses.push(path);
    put(writer, anchor ? ` *a${writer.anchors.indexOf(anchor)} # alias\n` : " none\n");
    return;
  }
  const anchor = { path, uses: [], closed: false };
  const marked = writer.anchored && spec.anchor && item !== 1;
  const mark = marked ? ` &a${writer.anchors.push(anchor) - 1}` : "";
  if (spec.kind === "scalar") {
    const lines = spec.source.replaceAll("\n@", `\n${" ".repeat(column + 2)}`);
    const source = lines === "" ? "" : ` ${lines.replaceAll(/^ +$/gm, "")}`;
    const beside = spec.source.includes("\n") ? "" : spec.beside;
    put(writer, `${mark}${source}${beside}\n`);
  } else if (typeof item === "number" && !marked) {
    put(writer, " ".repeat(item));
    writeEntries(writer, spec, column + 1 + item, path, true);
  } else {
    put(writer, `${mark}\n`);
    const least = spec.kind === "list" && item === false ? 0 : 1;
    writeEntries(writer, spec, column + Math.max(spec.indent, least), path, false);
  }
  anchor.closed = true;
}
