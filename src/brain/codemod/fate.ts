import type { NodePath } from "@babel/traverse";
import type { Node } from "@babel/types";
import { idArgument } from "./api.ts";
import { type Change, cut, type Edit, hasComment } from "./edit.ts";
import { isLogContext, isPure, typed } from "./pure.ts";
import { bindingOf, outermost, rangeOf, textOf } from "./syntax.ts";
import { lineOf, type View } from "./view.ts";

/** What becomes of a session id once nobody needs it: it goes, with these edits, or somebody still does. */
export type Fate =
  | { readonly gone: true; readonly edits: readonly Change[] }
  | { readonly gone: false; readonly why: string };

const COMMENT = "a comment stands inside of what would go";

/** Follows the value at a place to all that is done with it. */
export function fateOf(view: View, place: NodePath): Fate {
  const whole = withFallback(view, outermost(place));
  const parent = whole.parentPath;
  if (!parent) return stays(whole);
  if (parent.isExpressionStatement()) return statementGoes(view, parent);
  if (isDroppedArgument(view, whole)) return { gone: true, edits: [] };
  if (parent.isObjectProperty() && parent.node.value === whole.node) return propertyGoes(view, parent);
  if (parent.isVariableDeclarator() && parent.node.init === whole.node) return variableGoes(view, parent);
  return stays(whole);
}

function stays(place: NodePath): Fate {
  return { gone: false, why: `its value is used in line ${lineOf(place)}` };
}

/** `id ?? "none"` is an id as well. */
function withFallback(view: View, place: NodePath): NodePath {
  const parent = place.parentPath;
  if (!parent?.isLogicalExpression() || parent.node.operator === "&&") return place;
  if (parent.node.left !== place.node || !isPure(view, parent.node.right)) return place;
  return withFallback(view, outermost(parent));
}

/** Whether a value is given to a function that does not take it any more. */
export function isDroppedArgument(view: View, place: NodePath): boolean {
  const call = place.parentPath;
  if (place.listKey !== "arguments" || !(call?.isCallExpression() || call?.isOptionalCallExpression())) return false;
  const api = view.uses.apiAt(call.node.callee);
  if (api === "setCurrentSessionId") return setsOwnId(view, call);
  const id = idArgument(api);
  const args = call.node.arguments;
  if (id === undefined || args.length !== id.rest + 1 || args.some(({ type }) => type === "SpreadElement"))
    return false;
  return place.key === id.at && canDrop(view, place);
}

/** Whether a call of setCurrentSessionId is a statement that sets the id which the old module itself gave. */
export function setsOwnId(view: View, call: NodePath): boolean {
  const statement = outermost(call).parentPath;
  if (!call.isCallExpression() || !statement?.isExpressionStatement()) return false;
  const [id] = call.node.arguments;
  if (call.node.arguments.length !== 1 || !id || !isPure(view, id)) return false;
  if (hasComment(view.source, rangeOf(statement.node))) return false;
  const value = bare(id);
  const variable = value.type === "Identifier" ? call.scope.getBinding(value.name)?.path.node : undefined;
  const given = variable?.type === "VariableDeclarator" && variable.init ? bare(variable.init) : value;
  return given.type === "CallExpression" && view.uses.apiAt(given.callee) !== undefined;
}

/** A value without what says only its type or waits for it. */
function bare(node: Node): Node {
  const inner = node.type === "AwaitExpression" ? node.argument : typed(node);
  return inner ? bare(inner) : node;
}

function canDrop(view: View, argument: NodePath): boolean {
  const { node } = argument;
  return isPure(view, node) && !hasComment(view.source, rangeOf(node));
}

/** Removes a statement, unless that would join its neighbours or lose a comment. */
function statementGoes(view: View, statement: NodePath): Fate {
  const range = rangeOf(statement.node);
  if (hasComment(view.source, range)) return { gone: false, why: COMMENT };
  return { gone: true, edits: withoutStatement(view, statement) };
}

function withoutStatement({ source }: View, statement: NodePath): readonly Edit[] {
  const { start, end } = rangeOf(statement.node);
  if (!statement.inList) return [{ start, end, insert: "{}" }];
  const gone = cut(source, start, end);
  const next = end + (/^\s*/.exec(source.text.slice(end))?.[0].length ?? 0);
  const after = source.text.slice(next);
  if (!/^[([`+\-/*.,]/.test(after) || /^\/[/*]/.test(after) || !isOpenBefore(source, statement)) return [gone];
  // Without semicolons the lines around would become one expression. It stands by itself: what follows may go too.
  return [gone, { start: next, end: next, insert: ";" }];
}

/** Whether a statement before this one, which may go itself, ends without a semicolon. */
function isOpenBefore({ text }: View["source"], statement: NodePath): boolean {
  return statement.getAllPrevSiblings().some(({ node }) => {
    const ended = /^(?:Function|Class|TS\w+)Declaration$|^(?:Block|If|For\w*|While|Try|Switch)Statement$/;
    return node !== null && !ended.test(node.type) && text[rangeOf(node).end - 1] !== ";";
  });
}

function propertyGoes(view: View, property: NodePath): Fate {
  const object = property.parentPath;
  const shown = textOf(view.source, property.node);
  if (!object?.isObjectExpression() || !isLogContext(object))
    return { gone: false, why: `${shown} in line ${lineOf(property)} may be read by others` };
  if (hasComment(view.source, rangeOf(property.node))) return { gone: false, why: COMMENT };
  return { gone: true, edits: [{ list: object.node.properties, item: property.node }] };
}

/** A variable goes where all that it is used for goes. */
export function variableGoes(view: View, declarator: NodePath): Fate {
  if (!declarator.isVariableDeclarator()) return stays(declarator);
  const used = bindingGoes(view, declarator.get("id"));
  if (!used.gone) return used;
  const own = declaratorGoes(view, declarator);
  return own.gone ? { gone: true, edits: [...own.edits, ...used.edits] } : own;
}

/** Whether all uses of a name go. */
export function bindingGoes(view: View, id: NodePath): Fate {
  const binding = bindingOf(id);
  if (!binding) return stays(id);
  if (!binding.constant) return { gone: false, why: `${binding.identifier.name} is assigned more than once` };
  const edits: Change[] = [];
  for (const use of binding.referencePaths) {
    // Babel lists an exported declaration as a use of its name.
    const fate = use.isIdentifier() ? fateOf(view, use) : stays(use);
    if (!fate.gone) return fate;
    edits.push(...fate.edits);
  }
  return { gone: true, edits };
}

function declaratorGoes(view: View, declarator: NodePath): Fate {
  const declaration = declarator.parentPath;
  if (!declaration?.isVariableDeclaration() || declaration.parentPath.isExportNamedDeclaration())
    return { gone: false, why: "it is offered to other files" };
  const { declarations } = declaration.node;
  if (hasComment(view.source, rangeOf(declaration.node))) return { gone: false, why: COMMENT };
  if (!declaration.inList) return stays(declarator);
  const whole = withoutStatement(view, declaration);
  return { gone: true, edits: [{ list: declarations, item: declarator.node, whole }] };
}
