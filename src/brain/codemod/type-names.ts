import type { Node } from "@babel/types";
import type { Declaration } from "./slots.ts";
import type { Source } from "./syntax.ts";

const AROUND = new Set(["Readonly", "Partial", "Required", "NonNullable", "Promise", "Awaited"]);

/** Tells which types mention one of the old module, by the names that a file has for it. */
export function typesNamed(
  source: Source,
  declarations: readonly Declaration[],
  which: "SessionState" | "SessionUpdates",
): (type: Node | null | undefined) => boolean {
  const slots = declarations.flatMap(({ slots }) => slots);
  const own = declaredTypes(source);
  const named = (api: string): ReadonlySet<string | undefined> =>
    new Set(slots.flatMap((slot) => (slot.api === api && slot.local && !own.has(slot.local) ? [slot.local] : [])));
  const [states, wholes] = [named(which), named("*")];
  const isState = (type: Node | null | undefined): boolean => {
    if (type?.type === "TSTypeAnnotation") return isState(type.typeAnnotation);
    if (type?.type === "TSUnionType") return type.types.some(isState);
    if (type?.type !== "TSTypeReference") return false;
    const { typeName, typeArguments } = type;
    if (typeName.type === "TSQualifiedName") {
      const { left, right } = typeName;
      return left.type === "Identifier" && wholes.has(left.name) && right.name === which;
    }
    if (typeName.type !== "Identifier") return false;
    if (AROUND.has(typeName.name)) return typeArguments?.params.some(isState) ?? false;
    return states.has(typeName.name);
  };
  return isState;
}

/** Names that a file declares as types itself, anywhere: within them an imported one may be hidden. */
function declaredTypes(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  const kinds = ["TSInterfaceDeclaration", "TSTypeAliasDeclaration", "ClassDeclaration", "TSEnumDeclaration"] as const;
  for (const kind of kinds) {
    for (const { node } of source.all(kind)) {
      const { id } = node as { id?: { name?: string } | null };
      if (id?.name !== undefined) names.add(id.name);
    }
  }
  for (const { node } of source.all("TSTypeParameter")) {
    const { name } = node as unknown as { name: string | { name: string } };
    names.add(typeof name === "string" ? name : name.name);
  }
  return names;
}
