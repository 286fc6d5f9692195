import type { NodePath } from "@babel/traverse";
import type { Node } from "@babel/types";
import { advice, answersState } from "./api.ts";
import { type Change, hasComment } from "./edit.ts";
import { bindingGoes, fateOf } from "./fate.ts";
import { bindingOf, keyName, rangeOf, textOf } from "./syntax.ts";
import { leave, type Verdict, type View } from "./view.ts";

/** What becomes of every use of a state's `sessionId`. */
export function judgeStates(view: View): Verdict[] {
  const { source } = view;
  return [
    ...source.all("MemberExpression").flatMap((place) => member(view, place)),
    ...source.all("OptionalMemberExpression").flatMap((place) => member(view, place)),
    ...source.all("ObjectPattern").flatMap((place) => pattern(view, place)),
    ...source.all("ObjectExpression").flatMap((place) => literal(view, place)),
    ...source.all("TSIndexedAccessType").flatMap((place) => typeUse(view, place)),
    ...source.all("TSTypeReference").flatMap((place) => typeUse(view, place)),
  ];
}

function member(view: View, place: NodePath): Verdict[] {
  if (!place.isMemberExpression() && !place.isOptionalMemberExpression()) return [];
  if (keyName(place.node.property, place.node.computed) !== "sessionId") return [];
  const object = place.get("object") as NodePath;
  if (!isState(view, object)) return [];
  const fate = fateOf(view, place);
  if (fate.gone) return [{ kind: "edit", edits: fate.edits }];
  return [leave(place.node, textOf(view.source, place.node), fate.why, advice("sessionId"))];
}

/** `const { sessionId, currentMode } = state`, and the same as a parameter. */
function pattern(view: View, place: NodePath): Verdict[] {
  if (!place.isObjectPattern() || !isStatePattern(view, place)) return [];
  return place.get("properties").flatMap((property): Verdict[] => {
    if (!property.isObjectProperty() || keyName(property.node.key, property.node.computed) !== "sessionId") return [];
    const shown = textOf(view.source, property.node);
    const left = (why: string): Verdict[] => [leave(property.node, shown, why, advice("sessionId"))];
    const value = property.get("value") as NodePath;
    if (!value.isIdentifier()) return left("it is taken apart here");
    if (place.node.properties.length === 1) return left("nothing else is taken out of the state here");
    const fate = bindingGoes(view, value);
    if (!fate.gone) return left(fate.why);
    if (hasComment(view.source, rangeOf(property.node))) return left("a comment stands inside of what would go");
    const own: Change = { list: place.node.properties, item: property.node };
    return [{ kind: "edit", edits: [own, ...fate.edits] }];
  });
}

function isStatePattern(view: View, place: NodePath): boolean {
  if (place.isObjectPattern() && view.isStateType(place.node.typeAnnotation)) return true;
  const parent = place.parentPath;
  if (parent?.isVariableDeclarator()) return isState(view, parent.get("init") as NodePath);
  if (parent?.isAssignmentExpression()) return isState(view, parent.get("right"));
  return isThenParameter(view, place);
}

/** `{ sessionId: "…" }` where the type says that it is a state. */
function literal(view: View, place: NodePath): Verdict[] {
  if (!place.isObjectExpression()) return [];
  const property = place.node.properties.find(
    (one) => one.type === "ObjectProperty" && keyName(one.key, one.computed) === "sessionId",
  );
  if (!property || !view.isStateType(expectedType(place))) return [];
  return [leave(property, textOf(view.source, property), "a state has no sessionId", advice("sessionId"))];
}

/** The type that is written down for a value. */
function expectedType(place: NodePath): Node | null | undefined {
  const parent = place.parentPath;
  if (!parent) return undefined;
  if (parent.isTSAsExpression() || parent.isTSSatisfiesExpression()) return parent.node.typeAnnotation;
  if (parent.isVariableDeclarator()) return (parent.node.id as { typeAnnotation?: Node | null }).typeAnnotation;
  if (parent.isAssignmentPattern()) return (parent.node.left as { typeAnnotation?: Node | null }).typeAnnotation;
  if (parent.isArrowFunctionExpression()) return parent.node.returnType;
  if (!parent.isReturnStatement()) return undefined;
  return (parent.getFunctionParent()?.node as { returnType?: Node | null } | undefined)?.returnType;
}

/** `SessionState["sessionId"]`, `Omit<SessionState, "sessionId">`. */
function typeUse(view: View, place: NodePath): Verdict[] {
  const named = (node: Node): boolean =>
    (node.type === "TSLiteralType" && node.literal.type === "StringLiteral" && node.literal.value === "sessionId") ||
    (node.type === "TSUnionType" && node.types.some(named));
  const parts = place.isTSIndexedAccessType()
    ? [place.node.objectType, place.node.indexType]
    : place.isTSTypeReference()
      ? (place.node.typeArguments?.params ?? [])
      : [];
  if (!parts.some(named) || !parts.some(view.isStateType)) return [];
  return [
    leave(place.node, textOf(view.source, place.node), "a state has no sessionId", "Write string, or remove it."),
  ];
}

/** Whether a value is a state, for certain. */
function isState(view: View, place: NodePath, seen: ReadonlySet<NodePath> = new Set()): boolean {
  if (!place.node || seen.has(place)) return false;
  const inner = (key: string): boolean => isState(view, place.get(key) as NodePath, new Set([...seen, place]));
  if (place.isTSNonNullExpression()) return inner("expression");
  if (place.isTSAsExpression() || place.isTSSatisfiesExpression())
    return view.isStateType(place.node.typeAnnotation) || inner("expression");
  if (place.isLogicalExpression()) return inner("left");
  if (place.isAssignmentExpression()) return inner("right");
  if (place.isAwaitExpression()) {
    const { argument } = place.node;
    return argument.type === "CallExpression" && answersState(view.uses.apiAt(argument.callee));
  }
  return place.isIdentifier() && isStateName(view, place, new Set([...seen, place]));
}

function isStateName(view: View, place: NodePath, seen: ReadonlySet<NodePath>): boolean {
  const binding = bindingOf(place);
  if (!binding) return false;
  if (view.isStateType(binding.identifier.typeAnnotation)) return true;
  const { path } = binding;
  if (path.isVariableDeclarator() && path.node.id === binding.identifier) {
    if (isState(view, path.get("init") as NodePath, seen)) return true;
  }
  const assigned = (violation: NodePath): boolean =>
    violation.isAssignmentExpression() &&
    violation.node.left.type === "Identifier" &&
    isState(view, violation.get("right"), seen);
  return isThenParameter(view, path) || binding.constantViolations.some(assigned);
}

/** `getSession().then((state) => …)`. */
function isThenParameter(view: View, place: NodePath): boolean {
  const callback = place.parentPath;
  if (place.listKey !== "params" || !callback?.isFunction() || place.key !== 0) return false;
  const call = callback.parentPath;
  if (!call?.isCallExpression() || call.node.arguments[0] !== callback.node) return false;
  const { callee } = call.node;
  if (callee.type !== "MemberExpression" || keyName(callee.property, callee.computed) !== "then") return false;
  return callee.object.type === "CallExpression" && answersState(view.uses.apiAt(callee.object.callee));
}
