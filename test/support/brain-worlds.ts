import { join } from "node:path";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import type { Berth } from "../../src/open.ts";
import type { Progress } from "../../src/progress.ts";
import { notesCommand } from "./notes-server.ts";
import { type Sandbox, sandbox } from "./sandbox.ts";

/** A repository whose notes are in one kind of store. */
export interface BrainWorld {
  readonly box: Sandbox;
  /** The checkout that is the project. */
  readonly dir: string;
  readonly berth: Berth;
  readonly notes: NoteStore;
  /** Opens the same project again, as another process would. */
  readonly again: (options?: { readonly progress?: Progress }) => Promise<Berth>;
}

export interface WorldOptions {
  /** Further lines of the settings' part `brain`. */
  readonly settings?: readonly string[];
}

type NamedWorld = readonly [name: string, make: (options?: WorldOptions) => Promise<BrainWorld>];

const stores: readonly NamedWorld[] = [
  ["embedded notes", (options) => brainWorld(() => ["store: embedded"], options)],
  [
    "notes on a server",
    (options) => brainWorld((dir) => ["store: server", `command: ${JSON.stringify(notesCommand(dir))}`], options),
  ],
];

/** The stores that hold notes, each with the settings that choose it; or the one server that a run is about. */
export const BRAIN_STORES: readonly NamedWorld[] = process.env["BERTH_BRAIN_WORLD"]
  ? [
      [
        "notes on basic-memory",
        (options) =>
          brainWorld(() => ["store: server", `url: ${process.env["BERTH_BRAIN_WORLD"]}`, "timeout: 20"], options),
      ],
    ]
  : stores;

/** @param store settings for a store, and a folder for what is not in the repository */
async function brainWorld(store: (dir: string) => string[], { settings = [] }: WorldOptions = {}): Promise<BrainWorld> {
  const box = sandbox({ remote: false });
  const dir = box.hub;
  box.write(dir, {
    ".berth/config.yaml": [
      "brain:",
      ...[...store(join(box.dir, "server")), ...settings].map((line) => `  ${line}`),
      "",
    ].join("\n"),
  });
  const berth = await box.open(dir);
  return {
    box,
    dir,
    berth,
    notes: await openNotes(berth.project),
    again: (options) => box.open(dir, undefined, options),
  };
}
