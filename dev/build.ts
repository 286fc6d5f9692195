/**
 * Makes `dist/` afresh: the program and the library in a few files, because each file that a start reads costs it time,
 * with the packages they use inside; the declarations beside them; and the licences of what is inside.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { type ChunkingContext, type CodeSplittingGroup, type OutputChunk, type Plugin, rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/**
 * Node's own modules as plain objects. Imported as modules they would have every property read at once, and those of
 * `node:fs` and `node:util` load a dozen others that hardly a verb needs.
 */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  resolveId: (id, importer) => {
    if (!isBuiltin(id)) return null;
    // The bundler's own few lines come before anything that they make possible.
    if (importer?.startsWith("\0rolldown")) return { id, external: true };
    return { id: `\0builtin:${id.replace(/^node:/, "")}.cjs` };
  },
  load: (id) => {
    const name = /^\0builtin:(.+)\.cjs$/.exec(id)?.[1];
    return name === undefined ? null : `module.exports = process.getBuiltinModule("node:${name}");`;
  },
};

/** Contexts with their parsers; what only names them has none. */
const CONTEXTS = /\/src\/context\/(?!aggregate\/|status-word|ticket-name|vocabulary|locate)/;

/** What is dear to load: parsers, what is shared between agents, and whatever else a hot verb can do without. */
const DEAR = [CONTEXTS, /node_modules\//, /\/src\/(?:document\/(?!simple-yaml)|shared-context\/|coordination\/)/];

/** What values and lines are merged with: agents lock and note with parts of it, too. */
const MERGING =
  /\/src\/(?:shared-context\/|document\/(?:merge|json|canonical|key-|line-|increasing|list-items|map-sides|manual))/;

/** Which files go together; of two groups that a file fits, the one that is preferred more. */
const GROUPS: CodeSplittingGroup[] = [
  { name: "builtins", test: /^\0builtin:/, minShareCount: 2, priority: 3 },
  // Each is read by those verbs alone that need it: a hot verb needs neither.
  { name: "live", test: /\/src\/coordination\/(?!save\/)/, priority: 3 },
  { name: "saving", test: /\/src\/(?:coordination\/save\/|document\/enclosing)/, priority: 4 },
  { name: "store", test: /\/src\/store\/(?!postgres)/, priority: 3 },
  {
    debugName: "merging",
    // What also reads documents is loaded by fewer.
    name: (id, context) => (needs(id, context, isParser) ? "merging-documents" : "merging"),
    test: MERGING,
    priority: 3,
  },
  // What others are made of when they are loaded: in a file that needs no other one.
  {
    name: "base",
    test: /\/src\/(?:errors|hash|machine|store\/postgres-address|context\/(?:status-word|ticket-name|vocabulary))\.ts$/,
    priority: 4,
  },
  { name: "contexts", test: CONTEXTS, priority: 3 },
  {
    name: "tickets",
    test: /\/src\/(?:context\/aggregate\/(?!row|texts|ticket-list)|session\/ticket\/sessions|git\/(?:line-states|tree-diff|fork-points))/,
    priority: 3,
  },
  {
    name: "documents",
    test: /\/src\/(?:document\/(?!simple-yaml)|ledger\/(?:plan|claim-record))|node_modules\/yaml\//,
    priority: 2,
  },
  // Every start reads the first of these two.
  {
    debugName: "core",
    name: (id, context) => (needs(id, context, isDear) ? "steps" : "core"),
    test: /\/src\/(?!cli\/|store\/|schema-)/,
    minShareCount: 8,
    priority: 1,
  },
  { name: "program", test: /\/src\/cli\//, minShareCount: 3 },
];

/** Two ways in that share their chunks; what a verb loads late stays a file of its own. */
async function bundle(): Promise<OutputChunk[]> {
  const input = { "cli/main": "src/cli/main.ts", index: "src/index.ts", "session-state": "src/session-state.ts" };
  const build = await rolldown({
    cwd: root,
    input,
    platform: "node",
    preserveEntrySignatures: "allow-extension",
    plugins: [lazyBuiltins],
    // What is also imported elsewhere stays where that is: nothing to be told of at each build.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({
    dir: dist,
    format: "esm",
    chunkFileNames: "chunks/[name]-[hash].js",
    // What is shared by most verbs is one file: a start would pay for each.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: GROUPS,
    },
  });
  await build.close();
  return output.filter((part) => part.type === "chunk");
}

function isDear(id: string): boolean {
  return DEAR.some((dear) => dear.test(id));
}

function isParser(id: string): boolean {
  return /\/node_modules\/|\/src\/document\/(?!simple-yaml)/.test(id) && !MERGING.test(id);
}

/** Whether a file cannot be loaded without one of some others. */
function needs(id: string, context: ChunkingContext, isWanted: (id: string) => boolean): boolean {
  const seen = new Set([id]);
  for (const one of seen) {
    if (isWanted(one)) return true;
    for (const next of context.getModuleInfo(one)?.importedIds ?? []) seen.add(next);
  }
  return false;
}

/** What a hook or a list waits for: the program itself, and verbs that are asked often. */
const HOT = /\/src\/(?:cli\/main|open|session\/look\/list|session\/ticket\/list)\.ts$/;

/** Fails where a hot verb would load what is dear: one import too many does that to all of them. */
function requireLightStart(all: readonly OutputChunk[]): void {
  const byName = new Map(all.map((chunk) => [chunk.fileName, chunk]));
  const seen = new Set(all.filter(({ moduleIds }) => moduleIds.some((id) => HOT.test(id))));
  for (const { imports, moduleIds, fileName } of seen) {
    const dear = moduleIds.find(isDear);
    if (dear !== undefined) throw new Error(`Hot verbs would load ${relative(root, dear)}, in ${fileName}.`);
    for (const name of imports) {
      const next = byName.get(name);
      if (next) seen.add(next);
    }
  }
}

/** The folders of the packages that chunks are made of. */
function packagesIn(all: readonly OutputChunk[]): string[] {
  const folders = all.flatMap((chunk) =>
    chunk.moduleIds.map((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"))?.[0]),
  );
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

/** What asks for nothing may come without a file that says so. */
const publicDomain: Readonly<Record<string, string>> = {
  Unlicense:
    "Free and unencumbered software released into the public domain by its authors (https://unlicense.org). It is\n" +
    'provided "as is", without warranty of any kind, express or implied.',
};

function licences(folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
      readonly license: string;
    };
    const [file] = globSync("{LICENSE,LICENCE,License,license}*", { cwd: folder });
    const text = file === undefined ? publicDomain[license] : readFileSync(join(folder, file), "utf8").trim();
    if (text === undefined) throw new Error(`${name} has no licence file, and is not published without one.`);
    return `## ${name} ${version} (${license})\n\n${text}\n`;
  });
  return `# Packages inside this one\n\n${parts.join("\n")}`;
}

/** Emits all declarations and keeps those that the library's own lead to. @returns the compiler's exit code */
function declarations(): number {
  const out = join(root, "node_modules", ".declarations");
  rmSync(out, { recursive: true, force: true });
  const command = `tsc --project tsconfig.build.json --outDir ${relative(root, out)}`;
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: "inherit" });
  if (status !== 0) return status ?? 1;
  const seen = new Set<string>();
  const keep = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(join(out, file), "utf8");
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    writeFileSync(join(dist, file), text);
    for (const [, path = ""] of text.matchAll(/(?:from |import\()"([^"]+)"/g)) {
      const next = join(dirname(file), path.replace(/\.(?:ts|js)$/, ".d.ts"));
      if (path.startsWith(".") && existsSync(join(out, next))) keep(next);
      else if (!path.startsWith("node:")) throw new Error(`${file} needs ${path}, which is not published.`);
    }
  };
  for (const entry of ["index.d.ts", "session-state.d.ts"]) keep(entry);
  return 0;
}

rmSync(dist, { recursive: true, force: true });
const chunks = await bundle();
requireLightStart(chunks);
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.md"), licences(packagesIn(chunks)));
process.exitCode = declarations();
