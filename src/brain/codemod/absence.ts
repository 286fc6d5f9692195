import type { Binding, NodePath } from "@babel/traverse";
import type { Node } from "@babel/types";
import { bindingOf, keyName, textOf } from "./syntax.ts";
import { callOf, leave, lineOf, type Verdict, type View } from "./view.ts";

const PROPOSAL = "Write loadSession(), which answers null, where absence matters; else leave the test out.";

/** `getSession` makes a state now: where somebody tests whether there is one, a person decides what is meant. */
export function judgeAbsence(view: View): Verdict[] {
  return view.uses.list.flatMap(({ api, place }): Verdict[] => {
    const call = api === "getSession" ? callOf(place) : undefined;
    const test = call && testOf(call, false, new Set());
    if (!call || !test) return [];
    const why = `it makes a state now, and line ${lineOf(test)} tests whether there is one`;
    return [leave(call.node, textOf(view.source, call.node), why, PROPOSAL)];
  });
}

/** The first place that tests a value, once it was waited for: a promise is always there. */
function testOf(place: NodePath, waited: boolean, seen: Set<Binding>): NodePath | undefined {
  const parent = place.parentPath;
  if (!parent) return undefined;
  if (parent.isAwaitExpression()) return testOf(parent, true, seen);
  if (waited && isTest(place, parent)) return parent;
  if (isSameValue(place, parent)) return testOf(parent, waited, seen);
  if (parent.isVariableDeclarator() && place.key === "init") return named(parent.get("id"), waited, seen);
  if (parent.isAssignmentExpression() && place.key === "right")
    return named(parent.get("left"), waited, seen) ?? testOf(parent, waited, seen);
  const given = waited ? undefined : thenParameter(place);
  return given && named(given, true, seen);
}

/** The first test of what has a name. */
function named(id: NodePath, waited: boolean, seen: Set<Binding>): NodePath | undefined {
  const binding = bindingOf(id);
  if (!binding || seen.has(binding)) return undefined;
  seen.add(binding);
  const replaced = binding.constantViolations.find(
    (one) => waited && one.isAssignmentExpression() && /^(?:\?\?|\|\||&&)=$/.test(one.node.operator),
  );
  if (replaced) return replaced;
  for (const use of binding.referencePaths) {
    const test = testOf(use, waited, seen);
    if (test) return test;
  }
  return undefined;
}

function isSameValue(place: NodePath, parent: NodePath): boolean {
  if (parent.isLogicalExpression()) return true;
  if (parent.isConditionalExpression()) return place.key !== "test";
  return (
    parent.isTSNonNullExpression() ||
    parent.isTSAsExpression() ||
    parent.isTSSatisfiesExpression() ||
    parent.isTSTypeAssertion()
  );
}

function isTest(place: NodePath, parent: NodePath): boolean {
  const { key } = place;
  if (parent.isLogicalExpression()) return key === "left";
  if (parent.isUnaryExpression()) return parent.node.operator === "!" || parent.node.operator === "typeof";
  if (parent.isBinaryExpression()) return isComparison(place, parent);
  // The id of a state is judged by itself.
  if (parent.isOptionalMemberExpression())
    return parent.node.optional && keyName(parent.node.property, parent.node.computed) !== "sessionId";
  if (parent.isCallExpression()) return place.listKey === "arguments" && isTestingCall(parent);
  return key === "test";
}

function isComparison(place: NodePath, parent: NodePath): boolean {
  if (!parent.isBinaryExpression() || !/^[!=]==?$/.test(parent.node.operator)) return false;
  const other: Node = place.key === "left" ? parent.node.right : parent.node.left;
  if (other.type === "NullLiteral") return true;
  return (other.type === "Identifier" && other.name === "undefined") || isVoid(other);
}

function isVoid(node: Node): boolean {
  return node.type === "UnaryExpression" && node.operator === "void";
}

/** `Boolean(state)`, `assert(state)`, `expect(state).not.toBeNull()`. */
function isTestingCall(call: NodePath): boolean {
  if (!call.isCallExpression()) return false;
  const { callee } = call.node;
  const name = callee.type === "Identifier" ? callee.name : "";
  if (name === "Boolean" || name === "assert") return true;
  let place: NodePath | null = name === "expect" ? call.parentPath : null;
  while (place?.isMemberExpression()) {
    const matcher = keyName(place.node.property, place.node.computed) ?? "";
    if (/^toBe(?:Null|Undefined|Defined|Truthy|Falsy)$/.test(matcher)) return true;
    place = place.parentPath;
  }
  return false;
}

/** `getSession().then((state) => …)`: what the function calls it. */
function thenParameter(place: NodePath): NodePath | undefined {
  const member = place.parentPath;
  const call = member?.parentPath;
  if (!member?.isMemberExpression() || place.key !== "object" || !call?.isCallExpression()) return undefined;
  if (keyName(member.node.property, member.node.computed) !== "then" || member.key !== "callee") return undefined;
  const callback = call.get("arguments")[0];
  return callback?.isFunction() ? callback.get("params")[0] : undefined;
}
