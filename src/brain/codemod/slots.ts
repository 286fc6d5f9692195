import type { Binding, NodePath } from "@babel/traverse";
import type { Node, StringLiteral } from "@babel/types";
import type { OldModule } from "./old-module.ts";
import { keyName, type Source } from "./syntax.ts";

/** One name that a declaration brings in, or passes on. */
export interface Slot {
  /** The name of the old module; `*` for all of it; undefined for what is none of its names. */
  readonly api: string | undefined;
  /** Whether somebody passed it on under another name, which the new module does not have. */
  readonly renamed: boolean;
  /** The files that passed it on. */
  readonly through: readonly string[];
  readonly node: Node;
  readonly typeOnly: boolean;
  /** What it is called here; undefined where it is only passed on, or a type. */
  readonly binding: Binding | undefined;
  readonly local: string | undefined;
}

/** One declaration that names a module: an import, a re-export, or a variable made by `require` or `import()`. */
export interface Declaration {
  readonly kind: "import" | "export" | "load";
  readonly place: NodePath;
  readonly specifier: StringLiteral;
  /** Whether it names the new module already. */
  readonly isNew: boolean;
  readonly slots: readonly Slot[];
}

/** The declarations of a file that bring something of the old module. */
export function declarationsOf(source: Source, old: OldModule): readonly Declaration[] {
  const found: Omit<Declaration, "isNew">[] = [
    ...source.all("ImportDeclaration").flatMap((place) => importSlots(source, old, place)),
    ...["ExportNamedDeclaration" as const, "ExportAllDeclaration" as const].flatMap((type) =>
      source.all(type).flatMap((place) => exportSlots(source, old, place)),
    ),
    ...source.all("VariableDeclarator").flatMap((place) => loadSlots(source, old, place)),
  ];
  return found
    .filter(({ slots }) => slots.some(({ api }) => api !== undefined))
    .map((one) => ({ ...one, isNew: one.specifier.value === old.to }));
}

const NO_NAME = { api: undefined, through: [], renamed: false };

function meant(
  old: OldModule,
  source: Source,
  specifier: string,
  name: string,
): Pick<Slot, "api" | "through" | "renamed"> {
  const found = old.named(source.path, specifier, name);
  return { api: found?.name, through: found?.through ?? [], renamed: found !== undefined && found.name !== name };
}

function importSlots(source: Source, old: OldModule, place: NodePath): Omit<Declaration, "isNew">[] {
  if (!place.isImportDeclaration()) return [];
  const { node } = place;
  const slots = node.specifiers.map((one): Slot => {
    const name =
      one.type === "ImportSpecifier"
        ? (keyName(one.imported, false) ?? "")
        : one.type === "ImportDefaultSpecifier"
          ? "default"
          : "*";
    const typeOnly = node.importKind === "type" || (one.type === "ImportSpecifier" && one.importKind === "type");
    const binding = typeOnly ? undefined : place.scope.getBinding(one.local.name);
    return { ...meant(old, source, node.source.value, name), node: one, typeOnly, binding, local: one.local.name };
  });
  return [{ kind: "import", place, specifier: node.source, slots }];
}

function exportSlots(source: Source, old: OldModule, place: NodePath): Omit<Declaration, "isNew">[] {
  const bare = { binding: undefined, local: undefined };
  if (place.isExportAllDeclaration()) {
    const { node } = place;
    const typeOnly = node.exportKind === "type";
    const slot: Slot = { ...meant(old, source, node.source.value, "*"), node, typeOnly, ...bare };
    return [{ kind: "export", place, specifier: node.source, slots: [slot] }];
  }
  if (!place.isExportNamedDeclaration() || !place.node.source) return [];
  const { node } = place;
  const specifier = place.node.source;
  const slots = node.specifiers.map((one): Slot => {
    const name = one.type === "ExportSpecifier" ? (keyName(one.local, false) ?? "") : "*";
    const typeOnly = node.exportKind === "type" || (one.type === "ExportSpecifier" && one.exportKind === "type");
    return { ...meant(old, source, specifier.value, name), node: one, typeOnly, ...bare };
  });
  return [{ kind: "export", place, specifier, slots }];
}

/** `const { a, b: c } = require("…")`, `const all = await import("…")`. */
function loadSlots(source: Source, old: OldModule, place: NodePath): Omit<Declaration, "isNew">[] {
  if (!place.isVariableDeclarator() || place.parent.type !== "VariableDeclaration") return [];
  const { id, init } = place.node;
  const call = init?.type === "AwaitExpression" ? init.argument : init;
  const specifier = call ? loadedBy(call, init?.type === "AwaitExpression") : undefined;
  if (!specifier || !place.parentPath) return [];
  if (id.type === "Identifier") {
    const binding = place.scope.getBinding(id.name);
    const slot = { node: id, typeOnly: false, binding, local: id.name };
    const whole = { ...meant(old, source, specifier.value, "*"), ...slot };
    return binding?.constant ? [{ kind: "load", place, specifier, slots: [whole] }] : [];
  }
  if (id.type !== "ObjectPattern") return [];
  const slots = id.properties.map((one): Slot => {
    const plain = one.type === "ObjectProperty" && one.value.type === "Identifier" ? one.value.name : undefined;
    const name = one.type === "ObjectProperty" ? keyName(one.key, one.computed) : undefined;
    const binding = plain === undefined ? undefined : place.scope.getBinding(plain);
    const clear = name !== undefined && binding?.constant === true;
    const which = clear ? meant(old, source, specifier.value, name) : NO_NAME;
    return { ...which, node: one, typeOnly: false, binding, local: plain };
  });
  return [{ kind: "load", place, specifier, slots }];
}

/** What `require("…")` or an awaited `import("…")` loads. */
function loadedBy(call: Node, awaited: boolean): StringLiteral | undefined {
  if (call.type === "ImportExpression" && awaited && call.source.type === "StringLiteral") return call.source;
  if (call.type !== "CallExpression" || call.callee.type !== "Identifier" || awaited) return undefined;
  const [from] = call.arguments;
  return call.callee.name === "require" && from?.type === "StringLiteral" ? from : undefined;
}

/** The places where names of the old module are used as values, by their node. */
export interface Uses {
  readonly apiAt: (node: Node) => string | undefined;
  readonly list: readonly Use[];
}

export interface Use {
  readonly api: string;
  /** The identifier, or `all.name` for a member of the whole module. */
  readonly place: NodePath;
  readonly slot: Slot;
}

export function usesOf(declarations: readonly Declaration[]): Uses {
  const list = declarations.flatMap(({ slots }) => slots.flatMap(usesOfSlot));
  const byNode = new Map(list.map(({ api, place }) => [place.node, api]));
  return { list, apiAt: (node) => byNode.get(node) };
}

function usesOfSlot(slot: Slot): Use[] {
  const { api, binding } = slot;
  if (api === undefined || !binding) return [];
  const places = binding.referencePaths;
  if (api !== "*") return places.map((place) => ({ api, place, slot }));
  return places.map((place) => {
    const parent = place.parentPath;
    const member = parent?.isMemberExpression() || parent?.isOptionalMemberExpression() ? parent : undefined;
    const name = member && keyName(member.node.property, member.node.computed);
    if (!member || name === undefined || member.node.object !== place.node) return { api: "*", place, slot };
    return { api: name, place: member, slot };
  });
}
