import type { NodePath } from "@babel/traverse";
import type { Node, ObjectExpression, ObjectProperty } from "@babel/types";
import { advice } from "./api.ts";
import type { Edit } from "./edit.ts";
import { typed } from "./pure.ts";
import type { Use } from "./slots.ts";
import { bindingOf, keyName, rangeOf, textOf } from "./syntax.ts";
import { callOf, leave, type Verdict, type View } from "./view.ts";

/** What `setSession` takes, by what it may have been called when a part of a state was given. */
const KEYS: Readonly<Record<string, string>> = {
  mode: "mode",
  task: "task",
  feature: "feature",
  currentMode: "mode",
  activeTask: "task",
  activeFeature: "feature",
};

const ONLY = "See that it has mode, task and feature only: setSession refuses everything else.";
const CLEAR = 'Write "" to clear it, or leave it out.';

/** The updates of every `setSession`: keys of a state become those of its updates, the rest is left to a person. */
export function judgeUpdates(view: View): Verdict[] {
  return view.uses.list.flatMap((use): Verdict[] => {
    const call = use.api === "setSession" ? callOf(use.place) : undefined;
    const given = call && (call.get("arguments") as unknown as readonly NodePath[])[0];
    // What is spread is left with the call.
    if (!given || given.isSpreadElement()) return [];
    if (given.isObjectExpression()) return literal(view, given.node, true);
    return value(view, use, given);
  });
}

function literal(view: View, object: ObjectExpression, renames: boolean): Verdict[] {
  const properties = object.properties.filter((one) => one.type === "ObjectProperty");
  const plain = properties.every((one) => nameOf(one) !== undefined) && properties.length === object.properties.length;
  const names = properties.flatMap((one) => newName(one) ?? []);
  const certain = renames && plain && new Set(names).size === names.length;
  return object.properties.flatMap((one): Verdict[] => {
    const why = one.type === "ObjectProperty" ? wrongWith(one, certain) : UNKNOWN;
    if (why) return [leave(one, textOf(view.source, one), why.why, why.todo)];
    if (one.type !== "ObjectProperty" || newName(one) === nameOf(one)) return [];
    return [{ kind: "edit", edits: [renamed(view, one)] }];
  });
}

interface Wrong {
  readonly why: string;
  readonly todo: string;
}

const UNKNOWN: Wrong = { why: "its keys cannot be told, and setSession takes only some", todo: ONLY };

/** What is wrong with one of the updates, whether it is renamed or not. */
function wrongWith(property: ObjectProperty, certain: boolean): Wrong | undefined {
  const [name, next] = [nameOf(property), newName(property)];
  if (name === undefined) return UNKNOWN;
  if (name === "sessionId") return { why: "a state has no sessionId", todo: advice("sessionId") };
  if (next === undefined) return { why: `${name} cannot be set any more`, todo: ONLY };
  const { value: given } = property;
  if (given.type === "NullLiteral") return { why: `${next} is a text, and never null`, todo: CLEAR };
  if (next === name) return undefined;
  if (given.type === "Identifier" && given.name === "undefined")
    return { why: `${next} is not cleared by undefined, which changes nothing`, todo: CLEAR };
  return certain ? undefined : { why: `${name} is called ${next} in updates`, todo: `Name it ${next}, once.` };
}

function nameOf({ key, computed }: ObjectProperty): string | undefined {
  return computed ? undefined : keyName(key, computed);
}

function newName(property: ObjectProperty): string | undefined {
  const name = nameOf(property);
  return name !== undefined && Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
}

function renamed({ source }: View, property: ObjectProperty): Edit {
  const { start, end } = rangeOf(property.key);
  const name = newName(property) ?? "";
  const [quote] = /^["']?/.exec(source.text.slice(start, end)) ?? [""];
  const insert = property.shorthand ? `${name}: ${textOf(source, property.key)}` : `${quote}${name}${quote}`;
  return { start, end, insert };
}

/** Updates that are no literal: a part of a state is wrong for certain, and others only their types could tell. */
function value(view: View, { slot }: Use, given: NodePath): Verdict[] {
  const shown = textOf(view.source, given.node);
  const type = typeOf(given);
  if (view.isStateType(type)) return [leave(given.node, shown, "it is typed as a state, not as its updates", ONLY)];
  if (type && type.type !== "TSUnionType" && view.isUpdatesType(type)) return [];
  const object = literalOf(given);
  if (object) return literal(view, object, false);
  // Once it comes from the new module, the compiler or a person has seen it.
  const isNew = view.declarations.some((one) => one.isNew && one.slots.includes(slot));
  return isNew ? [] : [leave(given.node, shown, UNKNOWN.why, ONLY)];
}

/** The type that is written down for a value, there or where its name is declared. */
function typeOf(given: NodePath): Node | undefined {
  const { node } = given;
  if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression" || node.type === "TSTypeAssertion")
    return node.typeAnnotation;
  const annotation = bindingOf(given)?.identifier.typeAnnotation;
  return annotation?.type === "TSTypeAnnotation" ? annotation.typeAnnotation : undefined;
}

/** The literal that an assertion or a name stands for, when the name is used but here. */
function literalOf(given: NodePath): ObjectExpression | undefined {
  const binding = bindingOf(given);
  const variable = binding?.constant && binding.references === 1 ? binding.path.node : undefined;
  const made = variable?.type === "VariableDeclarator" && variable.id.type === "Identifier" ? variable.init : undefined;
  const object = made ?? typed(given.node);
  return object?.type === "ObjectExpression" ? object : undefined;
}
