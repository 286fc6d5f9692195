import type { NodePath } from "@babel/traverse";
import { judgeAbsence } from "./absence.ts";
import { isKept, isRemoved, NAMES } from "./api.ts";
import type { Change } from "./edit.ts";
import type { OldModule } from "./old-module.ts";
import { otherUses } from "./others.ts";
import { type Declaration, declarationsOf, type Slot, usesOf } from "./slots.ts";
import { judgeStates } from "./states.ts";
import { type Source, textOf } from "./syntax.ts";
import { typesNamed } from "./type-names.ts";
import { judgeUpdates } from "./updates.ts";
import { judgeUse } from "./uses.ts";
import type { Left } from "./left.ts";
import { leave, type View } from "./view.ts";

/** One file, judged by itself: what it shares with others is settled once all are. */
export interface Judged {
  readonly source: Source;
  readonly declarations: readonly Declaration[];
  readonly changes: readonly Change[];
  readonly left: readonly Left[];
  /** Names that go on meaning the old module, because something of theirs is left. */
  readonly kept: ReadonlySet<Slot>;
  /** Nothing of the file may change. */
  readonly held: boolean;
}

export function judge(source: Source, old: OldModule, paths: ReadonlySet<string>): Judged {
  const declarations = declarationsOf(source, old);
  const uses = usesOf(declarations);
  const view: View = {
    source,
    declarations,
    uses,
    isStateType: typesNamed(source, declarations, "SessionState"),
    isUpdatesType: typesNamed(source, declarations, "SessionUpdates"),
  };
  const [changes, left, kept]: [Change[], Left[], Set<Slot>] = [[], [], new Set()];
  for (const use of uses.list) {
    const verdict = judgeUse(view, use);
    if (verdict.kind === "edit") changes.push(...verdict.edits);
    if (verdict.kind !== "left") continue;
    left.push(verdict.left);
    if (isRemoved(use.api) || use.api === "initSession" || use.api === "*") kept.add(use.slot);
  }
  for (const verdict of [...judgeStates(view), ...judgeAbsence(view), ...judgeUpdates(view)]) {
    if (verdict.kind === "edit") changes.push(...verdict.edits);
    if (verdict.kind === "left") left.push(verdict.left);
  }
  for (const { slot, entry } of [...wholes(view), ...typesOfGone(view)]) {
    kept.add(slot);
    left.push(entry);
  }
  const others = otherUses(source, old, declarations, paths);
  left.push(...others.left);
  return { source, declarations, changes, left, kept, held: others.replaces };
}

interface Kept {
  readonly slot: Slot;
  readonly entry: Left;
}

/** The old module as a whole stays where it is asked for what the new one does not have. */
function wholes({ source, declarations, uses }: View): Kept[] {
  return declarations.flatMap(({ place, slots, kind, isNew }) =>
    slots.flatMap((slot): Kept[] => {
      if (isNew || slot.api !== "*" || slot.node.type === "ExportAllDeclaration") return [];
      if (kind === "export" || !isWhole(slot))
        return [{ slot, entry: leave(place.node, textOf(source, place.node), UNDER_NAME, BY_NAME).left }];
      const qualified = source.all("TSQualifiedName").flatMap((name) => qualifiedBy(name, slot.local));
      const asked = [...uses.list.flatMap((use) => (use.slot === slot ? [use.api] : [])), ...qualified];
      const more = asked.find((name) => name !== "*" && !NAMES.includes(name));
      if (more === undefined) return [];
      const why = `it is asked for ${more} too, which the new module does not have`;
      return [{ slot, entry: leave(place.node, textOf(source, place.node), why, BY_NAME).left }];
    }),
  );
}

const UNDER_NAME = "the old module is passed on as a whole, under a name";
const BY_NAME = "Import what moves by its names.";

/** `* as all`, or a variable: not a name that another file has for the whole. */
function isWhole({ node }: Slot): boolean {
  return node.type === "ImportNamespaceSpecifier" || node.type === "Identifier";
}

function qualifiedBy(place: NodePath, local: string | undefined): string[] {
  if (!place.isTSQualifiedName() || place.node.left.type !== "Identifier") return [];
  return place.node.left.name === local ? [place.node.right.name] : [];
}

/** `import type { getCurrentSessionId }`: only its type is used, in places that are not looked for. */
function typesOfGone({ source, declarations }: View): Kept[] {
  return declarations.flatMap(({ kind, slots, isNew }) =>
    slots.flatMap((slot): Kept[] => {
      const { api = "", typeOnly, node } = slot;
      if (isNew || kind === "export" || !typeOnly || !(isRemoved(api) || isKept(api))) return [];
      if (isKept(api) && api !== "initSession") return [];
      const why = "the type of a function that changed is used";
      return [{ slot, entry: leave(node, textOf(source, node), why, "Write the type that is meant.").left }];
    }),
  );
}
