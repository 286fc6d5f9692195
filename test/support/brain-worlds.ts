import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import type { Berth } from "../../src/open.ts";
import type { Progress } from "../../src/progress.ts";
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

/** The stores that hold notes, each with the settings that choose it. */
export const BRAIN_STORES: readonly [name: string, make: (options?: WorldOptions) => Promise<BrainWorld>][] = [
  ["embedded notes", (options) => brainWorld("embedded", options)],
];

async function brainWorld(store: string, { settings = [] }: WorldOptions = {}): Promise<BrainWorld> {
  const box = sandbox({ remote: false });
  const dir = box.hub;
  box.write(dir, {
    ".berth/config.yaml": ["brain:", `  store: ${store}`, ...settings.map((line) => `  ${line}`), ""].join("\n"),
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
