import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";

/** One `import`, `export … from` or `import()` of a source file. */
export interface Import {
  /** Path of the importing file under the scanned folder, with forward slashes. */
  readonly file: string;
  readonly line: number;
  /** What is written between the quotes. */
  readonly specifier: string;
  /** For a relative specifier, the path it names under the scanned folder. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly form: "import" | "reexport" | "reexport-all" | "dynamic";
}

/** Every TypeScript file under `folder`, sorted, relative, with forward slashes. */
export function sourceFiles(folder: string): string[] {
  return globSync("**/*.ts", { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

export function importsOf(folder: string, file: string): Import[] {
  const source = readFileSync(join(folder, file), "utf8");
  const { module, errors } = parseSync(file, source);
  const broken = errors[0];
  if (broken !== undefined) throw new Error(`${file}: ${broken.message}`);

  const found: Import[] = [];
  const add = (at: number, specifier: string, typeOnly: boolean, form: Import["form"]): void => {
    const target = specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : undefined;
    found.push({ file, line: source.slice(0, at).split("\n").length, specifier, target, typeOnly, form });
  };
  for (const { start, moduleRequest, entries } of module.staticImports) {
    add(start, moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType), "import");
  }
  for (const { entries } of module.staticExports) {
    for (const { start, moduleRequest, importName, isType } of entries) {
      if (moduleRequest === null) continue;
      add(start, moduleRequest.value, isType, importName.kind.startsWith("All") ? "reexport-all" : "reexport");
    }
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const written = source.slice(moduleRequest.start, moduleRequest.end);
    if (/^["'`]/.test(written)) add(start, written.slice(1, -1), false, "dynamic");
  }
  return found;
}
