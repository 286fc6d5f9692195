import type { NodePath } from "@babel/traverse";
import { advice, idArgument, isKept, isRemoved } from "./api.ts";
import { type Change, hasComment } from "./edit.ts";
import { type Fate, fateOf, isDroppedArgument, setsOwnId, variableGoes } from "./fate.ts";
import { isPure } from "./pure.ts";
import type { Use } from "./slots.ts";
import { outermost, rangeOf, textOf } from "./syntax.ts";
import { type Call, callOf, FINE, leave, type Verdict, type View } from "./view.ts";

/** Judges one use of a function of the old module. Types are judged elsewhere. */
export function judgeUse(view: View, { api, place }: Use): Verdict {
  if (!isKept(api) && !isRemoved(api)) return api === "*" ? escaped(view, place) : FINE;
  if (isMeantType(place, api)) return FINE;
  const call = callOf(place);
  if (!call) return asValue(view, place, api);
  if (api === "initSession") return initCall(view, call);
  if (api === "setCurrentSessionId" || api === "cleanupOrphanSessions") return effectCall(view, call, api);
  if (isRemoved(api)) return idCall(view, call, api);
  return api === "cleanupSession" ? bareCall(view, call, api) : stateCall(view, call, api);
}

/** `ReturnType<typeof getSession>` says what it said before. */
function isMeantType(place: NodePath, api: string): boolean {
  const query = place.parentPath;
  if (!query?.isTSTypeQuery() || isRemoved(api) || api === "initSession") return false;
  const around = query.parentPath?.parentPath?.node;
  return around?.type === "TSTypeReference" && "name" in around.typeName && around.typeName.name === "ReturnType";
}

function escaped(view: View, place: NodePath): Verdict {
  const shown = textOf(view.source, place.node);
  return leave(place.node, shown, "the old module is used as a whole", "Name each function where it is used.");
}

/** A function that is passed on, instead of called. */
function asValue(view: View, place: NodePath, api: string): Verdict {
  if (api === "cleanupSession") return FINE;
  if (place.parentPath?.isExportSpecifier() && isKept(api) && api !== "initSession") return FINE;
  const shown = textOf(view.source, place.node);
  return leave(place.node, shown, `${api} is passed on, not called: what it is given cannot be told`, advice(api));
}

/** `getCurrentSessionId()`: goes where its id goes. */
function idCall(view: View, call: Call, api: string): Verdict {
  if (!call.node.arguments.every((one) => isPure(view, one))) return effects(view, call, api);
  return settled(view, call, api, fateOf(view, call));
}

/** `setCurrentSessionId(id)`, `cleanupOrphanSessions()`: go as statements, with arguments that do nothing. */
function effectCall(view: View, call: Call, api: string): Verdict {
  const whole = outermost(call);
  if (!whole.parentPath?.isExpressionStatement())
    return leave(call.node, textOf(view.source, call.node), "what it answers is used", advice(api));
  if (api === "cleanupOrphanSessions")
    return call.node.arguments.length > 0 ? effects(view, call, api) : settled(view, call, api, fateOf(view, call));
  const [id] = call.node.arguments;
  if (call.node.arguments.length !== 1 || !isPure(view, id)) return effects(view, call, api);
  if (!setsOwnId(view, call))
    return leave(call.node, textOf(view.source, call.node), "it may change to another session on purpose", advice(api));
  return settled(view, call, api, fateOf(view, call));
}

function bareCall(view: View, call: Call, api: string): Verdict {
  return call.node.arguments.length === 0
    ? FINE
    : leave(call.node, textOf(view.source, call.node), `${api} takes no arguments`, advice(api));
}

/** `getSession(id)`, `setSession(updates, id)` and the like lose the id. */
function stateCall(view: View, call: Call, api: string): Verdict {
  const args = call.node.arguments;
  const id = idArgument(api);
  if (!id || args.some(({ type }) => type === "SpreadElement"))
    return leave(call.node, textOf(view.source, call.node), "its arguments cannot be counted", advice(api));
  if (args.length <= id.rest) return FINE;
  const item = args[id.at];
  if (args.length > id.rest + 1 || !item || !isPure(view, item)) return effects(view, call, api);
  const place = (call.get("arguments") as unknown as readonly NodePath[])[id.at];
  if (!place || !isDroppedArgument(view, place))
    return leave(call.node, textOf(view.source, call.node), "a comment stands inside of what would go", advice(api));
  return { kind: "edit", edits: [{ list: args, item }] };
}

function effects(view: View, call: Call, api: string): Verdict {
  const shown = textOf(view.source, call.node);
  return leave(call.node, shown, "what stands for the id may do more than give it", advice(api));
}

function settled(view: View, call: Call, api: string, fate: Fate): Verdict {
  if (fate.gone) return { kind: "edit", edits: fate.edits };
  return leave(call.node, textOf(view.source, call.node), fate.why, advice(api));
}

/** `initSession()` gives nothing any more, and there is nothing to wait for. */
function initCall(view: View, call: Call): Verdict {
  const shown = textOf(view.source, call.node);
  const whole = outermost(call);
  const parent = whole.parentPath;
  if (call.node.arguments.length > 0) return bareCall(view, call, "initSession");
  const waited = call.parentPath?.isAwaitExpression() ?? false;
  const statement = parent?.isExpressionStatement();
  if (statement && !waited && whole !== call)
    return leave(call.node, shown, "its type is spoken of", advice("initSession"));
  const variable = parent?.isVariableDeclarator() && parent.node.init === whole.node ? parent : undefined;
  if (!statement && !variable) return leave(call.node, shown, "its value is used", advice("initSession"));
  if (statement) return FINE;
  return variable ? initVariable(view, call, variable) : FINE;
}

/** `const id = initSession();` with an id that nobody needs. */
function initVariable(view: View, call: Call, variable: NodePath): Verdict {
  const shown = textOf(view.source, call.node);
  const declaration = variable.parentPath;
  if (!declaration?.isVariableDeclaration() || declaration.node.declarations.length !== 1)
    return leave(call.node, shown, "it is one of several variables", advice("initSession"));
  const fate = variableGoes(view, variable);
  if (!fate.gone) return leave(call.node, shown, fate.why, advice("initSession"));
  const [outer, inner] = [rangeOf(declaration.node), rangeOf(call.node)];
  const head = { start: outer.start, end: inner.start };
  const tail = { start: inner.end, end: outer.end };
  if (hasComment(view.source, head) || hasComment(view.source, tail))
    return leave(call.node, shown, "a comment stands inside of what would go", advice("initSession"));
  const semicolon = view.source.text.slice(outer.end - 1, outer.end) === ";" ? ";" : "";
  const own: Change[] = [
    { ...head, insert: "" },
    { ...tail, insert: semicolon },
  ];
  // All of the fate's edits but the removal of the variable itself, which becomes a statement here.
  const others = fate.edits.filter((change) => !("item" in change && change.item === variable.node));
  return { kind: "edit", edits: [...own, ...others] };
}
