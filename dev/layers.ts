/**
 * The shape of `src/` as data: which room stands on which layer, who may call whom, and which packages have one
 * owner. `dev/check-structure.ts` enforces it. Change a row here together with the table in ARCHITECTURE.md.
 *
 * A room is a folder of `src/` (`git`) or a file at its root (`clock.ts`).
 */

/** Top to bottom. A file may import from its own room and from every lower layer, and from nothing else. */
export const layers: readonly Layer[] = [
  { name: "surfaces", rooms: ["cli", "mcp", "hook", "dashboard"] },
  {
    name: "composition",
    rooms: ["open.ts", "verbs.ts", "brain-verbs.ts", "setup-verbs.ts", "bound-verb.ts", "index.ts", "session-state.ts"],
  },
  { name: "verbs", rooms: ["session", "setup", "live", "migrate", "conflicts"] },
  {
    name: "parts",
    rooms: ["ledger", "workspace", "knowledge", "checkpoint", "context", "coordination", "shared-context", "brain"],
  },
  { name: "project", rooms: ["project.ts"] },
  { name: "ground", rooms: ["git", "store", "document", "disk"] },
  {
    name: "base",
    rooms: [
      "clock.ts",
      "config.ts",
      "schema-brain.ts",
      "schema-keep.ts",
      "keep-settings.ts",
      "brain-settings.ts",
      "progress.ts",
      "hash.ts",
      "machine.ts",
      "schema-words.ts",
      "shell-word.ts",
    ],
  },
  { name: "errors", rooms: ["errors.ts"] },
];

/**
 * Rooms that see less than everything below them. They reach verbs through the opened handle alone; types are free,
 * because naming what a verb returns calls nothing.
 */
export const narrowed: Readonly<Record<string, readonly string[]>> = {
  cli: [
    "open.ts",
    "index.ts",
    "errors.ts",
    "clock.ts",
    "machine.ts",
    "progress.ts",
    "schema-words.ts",
    "shell-word.ts",
  ],
  mcp: ["open.ts", "index.ts", "errors.ts", "clock.ts", "progress.ts", "schema-words.ts", "shell-word.ts"],
  hook: ["open.ts", "index.ts", "errors.ts", "clock.ts", "progress.ts", "schema-words.ts", "shell-word.ts"],
  dashboard: ["open.ts", "index.ts", "errors.ts", "clock.ts", "progress.ts", "schema-words.ts", "shell-word.ts"],
};

/** Imports between rooms of one layer that are wanted, each with its reason. `from` uses `to`, never the reverse. */
export const exceptions: readonly Exception[] = [
  { from: "shared-context", to: "coordination", why: "conflicts and merges are told through the inbox" },
  { from: "context", to: "workspace", why: "which context is meant follows from the workspace one stands in" },
  { from: "context", to: "brain", why: "a context shows the session state, which is kept in notes" },
  { from: "context", to: "ledger", why: "commits of tickets and of sessions have one form of message" },
  { from: "session", to: "conflicts", why: "a claim is told what others changed on its paths" },
  { from: "config.ts", to: "schema-words.ts", why: "settings are made of these shapes" },
  { from: "config.ts", to: "brain-settings.ts", why: "settings are made of parts" },
  { from: "schema-brain.ts", to: "brain-settings.ts", why: "what the schema is of" },
  { from: "config.ts", to: "keep-settings.ts", why: "settings are made of parts" },
  { from: "schema-keep.ts", to: "keep-settings.ts", why: "what the schema is of" },
  { from: "config.ts", to: "schema-keep.ts", why: "settings are made of parts" },
  { from: "config.ts", to: "schema-brain.ts", why: "settings are read as their schema says" },
  { from: "schema-brain.ts", to: "schema-words.ts", why: "settings are made of these shapes" },
  { from: "cli", to: "hook", why: "a verb answers hooks of agent clients" },
  { from: "cli", to: "mcp", why: "a verb starts the server" },
  { from: "index.ts", to: "open.ts", why: "the public API hands out the composed handle" },
  { from: "session-state.ts", to: "open.ts", why: "the same verbs, bound to the current folder" },
  { from: "open.ts", to: "verbs.ts", why: "the handle offers every verb" },
  { from: "verbs.ts", to: "bound-verb.ts", why: "what a bound verb is" },
  { from: "brain-verbs.ts", to: "bound-verb.ts", why: "what a bound verb is" },
  { from: "setup-verbs.ts", to: "bound-verb.ts", why: "what a bound verb is" },
  { from: "verbs.ts", to: "brain-verbs.ts", why: "a part of the verbs has a table of its own" },
  { from: "verbs.ts", to: "setup-verbs.ts", why: "a part of the verbs has a table of its own" },
];

/** Modules with one owner. `only` holds places under `src/`: a folder (`git/`), a file, or a glob. */
export const owned: readonly Owned[] = [
  {
    module: "node:child_process",
    only: ["git/**", "workspace/command.ts", "brain/notes/server-process.ts", "cli/**"],
    why: "processes are started where they are stopped and timed out",
  },
  { module: "node:process", only: ["cli/**", "hook/**"], why: "only a surface reads the environment and arguments" },
  { module: "node:sqlite", only: ["store/**"], why: "what differs by database stays in the store" },
  { module: "postgres", only: ["store/**"], why: "what differs by database stays in the store" },
  { module: "yaml", only: ["document/**"], why: "documents have one parser" },
  {
    module: "nunjucks",
    only: ["ledger/template.ts"],
    why: "only session templates are Jinja2, loaded when one is used",
  },
  { module: "zod", only: ["config.ts", "**/schema*.ts"], why: "schemas are loaded only where input is checked" },
  {
    module: "@modelcontextprotocol/client",
    only: ["brain/notes/server-*.ts"],
    why: "one store of notes speaks MCP, and it is loaded where it is used",
  },
  {
    module: "@modelcontextprotocol/server",
    only: ["mcp/**"],
    why: "agents are served by MCP in one room, and it is loaded where they are",
  },
  ...["@babel/parser", "@babel/traverse", "@babel/types", "diff"].map((module) => ({
    module,
    only: ["brain/codemod/**"],
    why: "programs are read, and compared, where code is migrated, and loaded nowhere else",
  })),
  { module: "@clack/prompts", only: ["cli/**"], why: "only the command line asks questions" },
];

/** Names that say nothing about what is inside, as a file or folder name or as its last word (`lock-helpers.ts`). */
export const emptyNames: readonly string[] = [
  "types",
  "util",
  "utils",
  "helper",
  "helpers",
  "common",
  "misc",
  "constants",
  "manager",
  "service",
  "shared",
];

interface Layer {
  readonly name: string;
  readonly rooms: readonly string[];
}

interface Exception {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

interface Owned {
  readonly module: string;
  readonly only: readonly string[];
  readonly why: string;
}
