import type { NodePath } from "@babel/traverse";
import type { Node } from "@babel/types";
import { readsId } from "./api.ts";
import type { View } from "./view.ts";

const PLAIN = new Set([
  "Identifier",
  "ThisExpression",
  "StringLiteral",
  "NumericLiteral",
  "BooleanLiteral",
  "NullLiteral",
]);

/** Whether a value may go without anybody noticing: names, plain values, members of names, and reading the id. */
export function isPure(view: View, node: Node | null | undefined): boolean {
  if (!node) return false;
  const pure = (...parts: readonly Node[]): boolean => parts.every((part) => isPure(view, part));
  if (node.type === "TemplateLiteral") return node.expressions.length === 0;
  if (node.type === "MemberExpression" || node.type === "OptionalMemberExpression")
    return !node.computed && pure(node.object);
  if (node.type === "LogicalExpression") return pure(node.left, node.right);
  if (node.type === "ConditionalExpression") return pure(node.test, node.consequent, node.alternate);
  if (node.type === "CallExpression") return readsId(view.uses.apiAt(node.callee)) && node.arguments.length === 0;
  const inner = typed(node);
  return inner ? pure(inner) : PLAIN.has(node.type);
}

/** The value in `x!`, `x as T`, `x satisfies T` and `<T>x`. */
export function typed(node: Node): Node | undefined {
  const says =
    node.type === "TSNonNullExpression" ||
    node.type === "TSAsExpression" ||
    node.type === "TSSatisfiesExpression" ||
    node.type === "TSTypeAssertion";
  return says ? node.expression : undefined;
}

/** `log`, `logger`, `auditLog`, `console`; not `dialog`. */
const LOGGER = /^(?:log|logger|LOG|LOGGER|console)$|(?:[a-z\d_$]Log|Logger|_log|_logger)$/;
const LEVELS = new Set(["trace", "debug", "info", "notice", "warn", "error", "fatal", "log"]);

/** Whether an object is what a log call is given: only people read its properties. */
export function isLogContext(object: NodePath): boolean {
  const call = object.parentPath;
  if (!object.isObjectExpression() || !call?.isCallExpression() || object.listKey !== "arguments") return false;
  const { callee } = call.node;
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return false;
  const { object: owner } = callee;
  const name = owner.type === "MemberExpression" && !owner.computed ? owner.property : owner;
  return name.type === "Identifier" && LOGGER.test(name.name) && LEVELS.has(callee.property.name);
}
