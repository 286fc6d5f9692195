import { posix } from "node:path";
import type { NodePath } from "@babel/traverse";
import { keyName, type Source } from "./syntax.ts";

/** What one file offers to others. */
interface Shape {
  readonly exports: ReadonlyMap<string, Exported>;
  /** What it passes on as a whole. */
  readonly stars: readonly string[];
}

/** Declared in the file itself, or passed on from another; `*` is all of that other one. */
type Exported =
  | { readonly kind: "own"; readonly name: string }
  | { readonly kind: "from"; readonly specifier: string; readonly name: string };

/** A name where it is declared. */
export interface Declared {
  readonly path: string;
  readonly name: string;
  /** The files that passed it on, with the names they did it under. */
  readonly through: readonly string[];
}

/** All files that are known, and what they say of one another. */
export interface Modules {
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Every file there is, also those without a shape. */
  readonly paths: ReadonlySet<string>;
}

export function shapesOf(sources: readonly Source[]): ReadonlyMap<string, Shape> {
  return new Map(sources.map((source) => [source.path, shapeOf(source)]));
}

function shapeOf(source: Source): Shape {
  const exports = new Map<string, Exported>();
  const imported = importedNames(source);
  const add = (name: string, local: string): void => {
    exports.set(name, imported.get(local) ?? { kind: "own", name: local });
  };
  const stars: string[] = [];
  for (const { node } of source.all("ExportAllDeclaration")) {
    if (node.type === "ExportAllDeclaration") stars.push(node.source.value);
  }
  for (const place of source.all("ExportNamedDeclaration")) namedExports(place, exports, add);
  if (source.all("ExportDefaultDeclaration").length > 0) exports.set("default", { kind: "own", name: "default" });
  for (const place of source.all("AssignmentExpression")) commonExports(place, stars, add);
  return { exports, stars };
}

function importedNames(source: Source): ReadonlyMap<string, Exported> {
  const names = new Map<string, Exported>();
  for (const { node } of source.all("ImportDeclaration")) {
    if (node.type !== "ImportDeclaration") continue;
    for (const one of node.specifiers) {
      const name =
        one.type === "ImportSpecifier"
          ? (keyName(one.imported, false) ?? "")
          : one.type === "ImportDefaultSpecifier"
            ? "default"
            : "*";
      names.set(one.local.name, { kind: "from", specifier: node.source.value, name });
    }
  }
  return names;
}

function namedExports(
  place: NodePath,
  exports: Map<string, Exported>,
  add: (name: string, local: string) => void,
): void {
  if (!place.isExportNamedDeclaration()) return;
  const { source, specifiers, declaration } = place.node;
  for (const one of specifiers) {
    if (one.type === "ExportNamespaceSpecifier" && source)
      exports.set(keyName(one.exported, false) ?? "", { kind: "from", specifier: source.value, name: "*" });
    if (one.type !== "ExportSpecifier") continue;
    const [name, local] = [keyName(one.exported, false) ?? "", keyName(one.local, false) ?? ""];
    if (source) exports.set(name, { kind: "from", specifier: source.value, name: local });
    else add(name, local);
  }
  if (!declaration) return;
  if (declaration.type === "VariableDeclaration") {
    for (const { id } of declaration.declarations) if (id.type === "Identifier") add(id.name, id.name);
  } else if ("id" in declaration && declaration.id?.type === "Identifier") {
    add(declaration.id.name, declaration.id.name);
  }
}

/** `module.exports = { a }`, `module.exports = require("./b")`, `exports.a = a`. */
function commonExports(place: NodePath, stars: string[], add: (name: string, local: string) => void): void {
  if (!place.isAssignmentExpression()) return;
  const { left, right } = place.node;
  if (left.type !== "MemberExpression") return;
  const key = keyName(left.property, left.computed);
  if (key === undefined) return;
  const { object } = left;
  const whole = object.type === "Identifier" && object.name === "module" && key === "exports";
  if (whole && right.type === "ObjectExpression") {
    for (const one of right.properties) {
      const name = one.type === "SpreadElement" ? undefined : keyName(one.key, one.computed);
      if (name !== undefined) add(name, name);
    }
  } else if (whole && right.type === "CallExpression" && right.callee.type === "Identifier") {
    const [from] = right.arguments;
    if (right.callee.name === "require" && from?.type === "StringLiteral") stars.push(from.value);
  } else if (isExports(object)) add(key, key);
}

function isExports(node: { readonly type: string }): boolean {
  const object = node as { type: string; name?: string; object?: { name?: string }; property?: { name?: string } };
  if (object.type === "Identifier") return object.name === "exports";
  return object.type === "MemberExpression" && object.object?.name === "module" && object.property?.name === "exports";
}

const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts"];
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".d.ts"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** The file that a relative specifier names; undefined where that is none of the folder's. */
export function fileOf(paths: ReadonlySet<string>, from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(specifier)) return undefined;
  return existing(paths, posix.join(posix.dirname(from), specifier).replace(/\/$/, ""));
}

/** A path as it may be written without its ending. */
export function existing(paths: ReadonlySet<string>, path: string): string | undefined {
  const ending = posix.extname(path);
  const bare = path.slice(0, path.length - ending.length);
  const candidates = [
    path,
    ...(WRITTEN[ending] ?? []).map((other) => bare + other),
    ...ENDINGS.map((other) => path + other),
    ...ENDINGS.map((other) => posix.join(path, `index${other}`)),
  ];
  return candidates.find((candidate) => paths.has(candidate));
}

/** Follows a name to where it is declared; undefined where that cannot be told. */
export function declaredAt(
  modules: Modules,
  path: string,
  name: string,
  through: readonly string[] = [],
): Declared | undefined {
  const shape = modules.shapes.get(path);
  const step = `${path}\0${name}`;
  if (!shape || through.includes(step)) return undefined;
  const way = [...through, step];
  const found = shape.exports.get(name);
  if (found?.kind === "own") return { path, name: found.name, through: way };
  if (found) {
    const target = fileOf(modules.paths, path, found.specifier);
    if (target === undefined) return undefined;
    return found.name === "*"
      ? { path: target, name: "*", through: way }
      : declaredAt(modules, target, found.name, way);
  }
  if (name === "default") return undefined;
  for (const star of shape.stars) {
    const target = fileOf(modules.paths, path, star);
    const there = target === undefined ? undefined : declaredAt(modules, target, name, way);
    if (there) return there;
  }
  return undefined;
}
