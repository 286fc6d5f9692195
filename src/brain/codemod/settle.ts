import type { Node } from "@babel/types";
import { isRemoved, NAMES } from "./api.ts";
import { applyEdits, type Change, type Edit, editsOf } from "./edit.ts";
import type { Judged } from "./judge.ts";
import { fileOf, type Modules } from "./modules.ts";
import { type Act, rewriteDeclaration } from "./rewrite.ts";
import type { Declaration, Slot } from "./slots.ts";
import { kindOf, keyName, textOf } from "./syntax.ts";
import type { Left } from "./left.ts";
import { leave } from "./view.ts";

/** What is to become of one file. */
export interface Settled {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly edits: number;
  readonly left: readonly Left[];
  /** The files that it gets names of the old module from. */
  readonly imports: readonly string[];
  /** Whether it still names a file of the old module. */
  readonly user: boolean;
}

/** What all files share. */
interface World {
  readonly modules: Modules;
  readonly owns: (path: string) => boolean;
  /** Who passes on what changed, to a file that has all of it under one name. */
  readonly stepsTo: (path: string, specifier: string) => readonly string[];
  /** The specifier of the new module. */
  readonly to: string;
}

/** Settles what files share: a name is passed on to others for as long as one of them needs it. */
export function settle(all: readonly Judged[], world: World): Settled[] {
  const needed = new Set(
    all.flatMap(({ source, declarations, kept, held }) =>
      declarations.flatMap(({ kind, slots, specifier }) =>
        slots.flatMap((slot) => {
          if (!held && (!kept.has(slot) || kind === "export")) return [];
          return slot.api === "*" ? world.stepsTo(source.path, specifier.value) : slot.through;
        }),
      ),
    ),
  );
  return all.map((one) => settleFile(one, needed, world));
}

function settleFile(judged: Judged, needed: ReadonlySet<string>, world: World): Settled {
  const { source, declarations, held } = judged;
  const { modules, to } = world;
  const left = [...judged.left];
  const moved = new Set<Node>();
  const changes: Change[] = [...judged.changes];
  for (const declaration of declarations.filter(({ isNew }) => !isNew)) {
    const stars = declaration.place.isExportAllDeclaration() ? starStays(judged, declaration, needed, modules) : null;
    if (stars) left.push(stars);
    const act = (slot: Slot): Act => {
      if (held || slot.api === undefined || judged.kept.has(slot) || stars) return "stay";
      if (declaration.kind === "export" && isNeeded(judged, slot, needed)) return "stay";
      if (isRemoved(slot.api)) return "drop";
      // It goes on coming from who renamed it, and who gets it from the new module.
      return slot.renamed ? "stay" : "move";
    };
    changes.push(...rewriteDeclaration(source, declaration, to, act));
    if (declaration.slots.every((slot) => act(slot) !== "stay")) moved.add(declaration.specifier);
  }
  const edits = held ? [] : editsOf(source, changes);
  const after = changedText(judged, edits);
  if (after === null)
    left.push(leave(source.file.program, source.path, "its changes do not fit together", "Change it by hand.").left);
  return {
    path: source.path,
    before: source.text,
    after: after ?? source.text,
    edits: after === null ? 0 : edits.length,
    left: left.toSorted((a, b) => a.line - b.line || a.column - b.column),
    imports: declarations.flatMap(({ specifier }) => fileOf(modules.paths, source.path, specifier.value) ?? []),
    user: source.all("StringLiteral").some(({ node }) => namesOld(judged, node, world) && !moved.has(node)),
  };
}

/** A module stays one, also without its last import. @returns null for what could not be read any more */
function changedText({ source }: Judged, edits: readonly Edit[]): string | null {
  if (edits.length === 0) return source.text;
  const after = applyEdits(source.text, edits);
  const kind = kindOf(source.path, after);
  if (kind !== "script" || source.file.program.sourceType !== "module") return kind && after;
  const line = after.includes("\r\n") ? "\r\n" : "\n";
  return `${after}${after === "" || after.endsWith("\n") ? "" : line}export {};${line}`;
}

function namesOld({ source }: Judged, node: Node, { modules, owns }: World): boolean {
  const file = node.type === "StringLiteral" ? fileOf(modules.paths, source.path, node.value) : undefined;
  return file !== undefined && owns(file);
}

/** Whether somebody still asks this file for a name that is gone, or that changed. */
function isNeeded({ source }: Judged, { api, node }: Slot, needed: ReadonlySet<string>): boolean {
  if (node.type === "ExportAllDeclaration") return false;
  if (node.type !== "ExportSpecifier") return api === "*";
  const name = keyName(node.exported, false) ?? "";
  return needed.has(`${source.path}\0${name}`);
}

/** `export * from` moves when the old module had nothing else, and nobody asks for what is gone. */
function starStays(
  { source }: Judged,
  { place, specifier }: Declaration,
  needed: ReadonlySet<string>,
  modules: Modules,
): Left | null {
  const target = fileOf(modules.paths, source.path, specifier.value) ?? "";
  const shape = modules.shapes.get(target);
  const only = shape && shape.stars.length === 0 && [...shape.exports.keys()].every((name) => NAMES.includes(name));
  const asked = [...needed].some((step) => step.startsWith(`${source.path}\0`));
  if (only && !asked) return null;
  const why = only ? "what is left elsewhere is passed on here" : "the old module offers more than the new one has";
  return leave(place.node, textOf(source, place.node), why, "Pass on by name what others need, and run this again.")
    .left;
}
