import { join, matchesGlob } from "node:path";
import { importsOf, sourceFiles, type Import } from "./imports.ts";
import { emptyNames, exceptions, layers, narrowed, owned } from "./layers.ts";
import { report } from "./report.ts";

/** Holds `src/` to the table in `layers.ts`: rooms and layers, owned modules, speaking names, no barrels. */
export function structureProblems(src: string): string[] {
  return sourceFiles(src).flatMap((file) => [
    ...nameProblems(file),
    ...importsOf(src, file).flatMap((found) => [
      ...layerProblems(found),
      ...ownerProblems(found),
      ...barrelProblems(found),
    ]),
  ]);
}

const layerOf = new Map(layers.flatMap(({ rooms }, depth) => rooms.map((room) => [room, depth] as const)));

function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function nameProblems(file: string): string[] {
  const problems: string[] = [];
  if (!layerOf.has(roomOf(file))) {
    problems.push(`src/${file}: "${roomOf(file)}" stands on no layer; give it a place in dev/layers.ts`);
  }
  for (const segment of file.split("/")) {
    const name = segment.replace(/\.ts$/, "");
    const lastWord = name.split("-").at(-1) ?? name;
    if (emptyNames.includes(lastWord)) {
      problems.push(`src/${file}: the name "${segment}" says nothing; name it for the concept it holds`);
    }
  }
  if (file.endsWith("/index.ts")) problems.push(`src/${file}: no barrels; import the file you need`);
  return problems;
}

function layerProblems({ file, line, target, typeOnly }: Import): string[] {
  if (target === undefined) return [];
  const at = `src/${file}:${line}`;
  if (target.startsWith("..")) {
    return target === "../package.json" ? [] : [`${at}: imports ${target}, which is outside src/`];
  }
  const from = roomOf(file);
  const to = roomOf(target);
  const fromDepth = layerOf.get(from);
  const toDepth = layerOf.get(to);
  if (from === to || fromDepth === undefined || toDepth === undefined) return [];

  const names = `${from} (${layers[fromDepth]?.name}) may not import ${to} (${layers[toDepth]?.name})`;
  if (toDepth < fromDepth) return [`${at}: ${names}: imports go down only`];
  if (toDepth === fromDepth) {
    if (exceptions.some((exception) => exception.from === from && exception.to === to)) return [];
    return [`${at}: ${names}: neighbours do not know each other; a verb above is missing, or an exception below`];
  }
  const seen = narrowed[from];
  if (seen === undefined || typeOnly || seen.includes(to)) return [];
  return [`${at}: ${names}: it sees ${seen.join(", ")}, and types`];
}

function ownerProblems({ file, line, specifier }: Import): string[] {
  return owned
    .filter(({ module }) => [module, module.replace("node:", "")].some((name) => isModule(specifier, name)))
    .filter(({ only }) => !only.some((place) => matchesGlob(file, place)))
    .map(({ only, module, why }) => `src/${file}:${line}: ${module} belongs to ${only.join(", ")}: ${why}`);
}

function isModule(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function barrelProblems({ file, line, specifier, form }: Import): string[] {
  if (form === "reexport-all") return [`src/${file}:${line}: export * from "${specifier}": name what is exported`];
  if (form === "reexport" && file !== "index.ts" && file !== "session-state.ts") {
    return [
      `src/${file}:${line}: re-exports from "${specifier}": only what the package exports does; import the file you need`,
    ];
  }
  return [];
}

if (import.meta.main) report("structure", structureProblems(join(import.meta.dirname, "../src")));
