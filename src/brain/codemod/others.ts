import type { NodePath } from "@babel/traverse";
import type { Node, StringLiteral } from "@babel/types";
import type { OldModule } from "./old-module.ts";
import { fileOf } from "./modules.ts";
import type { Declaration } from "./slots.ts";
import { keyName, type Source, textOf } from "./syntax.ts";
import type { Left } from "./left.ts";
import { leave } from "./view.ts";

/** Names that hardly any other module has. */
const TELLING = new Set(["getCurrentSessionId", "setCurrentSessionId", "cleanupOrphanSessions"]);

interface Found {
  readonly left: readonly Left[];
  /** Whether the file replaces the old module, so that its imports must stay what they are. */
  readonly replaces: boolean;
}

/** Ways to the old module that are not followed, and notes that have an id in their path. */
export function otherUses(
  source: Source,
  old: OldModule,
  declarations: readonly Declaration[],
  paths: ReadonlySet<string>,
): Found {
  const followed = new Set<Node>(declarations.map(({ specifier }) => specifier));
  const loads = source.all("StringLiteral").flatMap((place) => {
    const literal = place.node as StringLiteral;
    if (
      (followed.has(literal) && !withDefault(place)) ||
      literal.value === old.to ||
      old.named(source.path, literal.value, "*") === undefined
    )
      return [];
    return loadedIn(source, place);
  });
  const unknown = source.all("ImportDeclaration").flatMap((place) => unknownModule(source, place, old, paths));
  const notes = [
    ...source.all("TemplateLiteral").flatMap((place) => noteTemplate(source, place)),
    ...source.all("StringLiteral").flatMap((place) => noteSum(source, place)),
  ];
  return {
    left: [...loads.map(({ left }) => left), ...unknown, ...notes],
    replaces: loads.some(({ replaces }) => replaces),
  };
}

function withDefault({ parent }: NodePath): boolean {
  return parent.type === "ImportDeclaration" && parent.specifiers.some(({ type }) => type === "ImportDefaultSpecifier");
}

function loadedIn(source: Source, place: NodePath): { readonly left: Left; readonly replaces: boolean }[] {
  const parent = place.parentPath;
  if (!parent) return [];
  const entry = (why: string, todo: string, replaces = false): ReturnType<typeof loadedIn> => [
    { left: leave(parent.node, firstLine(textOf(source, parent.node)), why, todo).left, replaces },
  ];
  const directly = "Name its functions in an import of their own.";
  if (parent.isImportDeclaration()) {
    const fallback = withDefault(place);
    if (!fallback && parent.node.specifiers.length > 0) return [];
    return entry(
      fallback ? "the default export cannot be followed" : "the old module is run for its effects",
      directly,
    );
  }
  if (parent.isCallExpression() && place.listKey === "arguments") {
    const { callee } = parent.node;
    const name = calledName(callee);
    if (/mock/i.test(name ?? "")) return entry(REPLACED, MOCK, true);
    if (callee.type === "Identifier" && callee.name === "require") return entry(NOT_FOLLOWED, directly);
    return callee.type === "Import" || /^(?:import|require)Actual$/.test(name ?? "")
      ? entry(NOT_FOLLOWED, directly)
      : [];
  }
  if (parent.isImportExpression() && parent.parent.type === "CallExpression") {
    if (/mock/i.test(calledName(parent.parent.callee) ?? "")) return entry(REPLACED, MOCK, true);
  }
  if (parent.isImportExpression() || parent.isTSExternalModuleReference()) return entry(NOT_FOLLOWED, directly);
  return parent.isTSLiteralType() || parent.isTSImportType()
    ? entry("a type of the old module is named here", directly)
    : [];
}

function calledName(callee: Node): string | undefined {
  return callee.type === "MemberExpression" ? keyName(callee.property, callee.computed) : undefined;
}

const REPLACED = "the old module is replaced here, so nothing of this file is changed";
const NOT_FOLLOWED = "the old module is loaded in a way that is not followed";
const MOCK = "Replace the new module instead, without the removed functions, and run this again.";

function firstLine(text: string): string {
  const [first = ""] = text.split(/\r?\n/);
  return first === text ? text : `${first} …`;
}

/** `import { getCurrentSessionId } from "@/services/session"`: a specifier that names no file here. */
function unknownModule(source: Source, place: NodePath, old: OldModule, paths: ReadonlySet<string>): Left[] {
  if (!place.isImportDeclaration()) return [];
  const { specifiers, source: from } = place.node;
  if (fileOf(paths, source.path, from.value) !== undefined) return [];
  const telling = specifiers.filter(
    (one) => one.type === "ImportSpecifier" && TELLING.has(keyName(one.imported, false) ?? ""),
  );
  if (telling.length === 0 || old.named(source.path, from.value, "*")) return [];
  const todo = `If that is the old module, run this again with --from ${from.value}`;
  return [
    leave(place.node, firstLine(textOf(source, place.node)), `${from.value} names no file of this folder`, todo).left,
  ];
}

const NOTE = "Write sessions/session, or sessions/agent-NAME for the record of an agent.";
const NOTE_WHY = "the path of a note has no session id any more";

/** `session-${id}-agent-${name}`, `sessions/session-${id}`. */
function noteTemplate(source: Source, place: NodePath): Left[] {
  if (!place.isTemplateLiteral() || place.parentPath.isTaggedTemplateExpression()) return [];
  const texts = place.node.quasis.map(({ value }) => value.cooked ?? "");
  const found = texts.slice(0, -1).some((text, at) => {
    if (/(?:^|\/)sessions\/session-$/.test(text)) return true;
    return /(?:^|\/)session-$/.test(text) && (texts[at + 1] ?? "").startsWith("-agent-");
  });
  return found ? [leave(place.node, textOf(source, place.node), NOTE_WHY, NOTE).left] : [];
}

/** `"sessions/session-" + id`. */
function noteSum(source: Source, place: NodePath): Left[] {
  const sum = place.parentPath;
  if (!place.isStringLiteral() || !sum?.isBinaryExpression() || sum.node.operator !== "+") return [];
  if (!/(?:^|\/)sessions\/session-$/.test(place.node.value) || sum.node.left !== place.node) return [];
  return [leave(sum.node, firstLine(textOf(source, sum.node)), NOTE_WHY, NOTE).left];
}
