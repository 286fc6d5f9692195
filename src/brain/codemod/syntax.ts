import { parse, type ParserOptions } from "@babel/parser";
import traverse, { type Binding, type NodePath } from "@babel/traverse";
import type { File, Node } from "@babel/types";

/** One source file with its syntax tree. Offsets are those of `text`. */
export interface Source {
  /** Relative to the folder that is looked through, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly file: File;
  /** Every place of the tree, by the type of its node. */
  readonly all: (type: Node["type"]) => readonly NodePath[];
}

/** @throws Error when the text is not what its name says, or names something twice */
export function readSource(path: string, text: string): Source {
  const file = parse(text, options(path));
  const byType = new Map<string, NodePath[]>();
  traverse(file, {
    enter(place) {
      const same = byType.get(place.node.type);
      if (same) same.push(place);
      else byType.set(place.node.type, [place]);
    },
  });
  return { path, text, file, all: (type) => byType.get(type) ?? [] };
}

/** What a text is read as: a module, a script, or null where it cannot be read at all. */
export function kindOf(path: string, text: string): "module" | "script" | null {
  try {
    return parse(text, options(path)).program.sourceType === "module" ? "module" : "script";
  } catch {
    return null;
  }
}

function options(path: string): ParserOptions {
  const jsx = /\.(?:tsx|[cm]?jsx?)$/.test(path);
  const types = /\.[cm]?tsx?$/.test(path);
  const typescript: ["typescript", { dts: boolean }] = ["typescript", { dts: /\.d\.[cm]?ts$/.test(path) }];
  return {
    sourceType: /\.m[jt]s$/.test(path) ? "module" : "unambiguous",
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    plugins: [
      ...(types ? [typescript] : []),
      ...(jsx ? ["jsx" as const] : []),
      "decorators-legacy",
      "decoratorAutoAccessors",
    ],
  };
}

/** Where a node begins and ends. */
export function rangeOf(node: Node): { readonly start: number; readonly end: number } {
  const { start, end } = node;
  if (typeof start !== "number" || typeof end !== "number") throw new Error(`a ${node.type} without a place`);
  return { start, end };
}

export function textOf(source: Pick<Source, "text">, node: Node): string {
  const { start, end } = rangeOf(node);
  return source.text.slice(start, end);
}

/** What an identifier stands for; undefined where that is declared nowhere in the file. */
export function bindingOf(place: NodePath): Binding | undefined {
  return place.isIdentifier() ? place.scope.getBinding(place.node.name) : undefined;
}

/** The name of a member or key, where it is written out. */
export function keyName(key: Node, computed: boolean): string | undefined {
  if (key.type === "StringLiteral") return key.value;
  return key.type === "Identifier" && !computed ? key.name : undefined;
}

/** The place around: itself where it is of no interest for the value, as `await`, `x!` and `x as T` are. */
export function outermost(place: NodePath): NodePath {
  const parent = place.parentPath;
  if (!parent) return place;
  const sameValue =
    parent.isAwaitExpression() ||
    parent.isTSNonNullExpression() ||
    parent.isTSAsExpression() ||
    parent.isTSSatisfiesExpression() ||
    parent.isTSTypeAssertion();
  return sameValue ? outermost(parent) : place;
}
