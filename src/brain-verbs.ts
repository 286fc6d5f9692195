import type { noteDelete, noteList, noteRead, noteSearch, noteVersions, noteWrite } from "./brain/notes/verbs.ts";
import type { Bound, Files } from "./bound-verb.ts";

/** The verbs of notes and of the session state, bound to one project. */
export interface BrainVerbs {
  readonly noteRead: Bound<typeof noteRead>;
  readonly noteWrite: Bound<typeof noteWrite>;
  readonly noteDelete: Bound<typeof noteDelete>;
  readonly noteList: Bound<typeof noteList>;
  readonly noteSearch: Bound<typeof noteSearch>;
  readonly noteVersions: Bound<typeof noteVersions>;
}

/** Where each of them is. */
export const BRAIN_FILES: Files<BrainVerbs> = {
  noteRead: () => import("./brain/notes/verbs.ts").then((file) => file.noteRead),
  noteWrite: () => import("./brain/notes/verbs.ts").then((file) => file.noteWrite),
  noteDelete: () => import("./brain/notes/verbs.ts").then((file) => file.noteDelete),
  noteList: () => import("./brain/notes/verbs.ts").then((file) => file.noteList),
  noteSearch: () => import("./brain/notes/verbs.ts").then((file) => file.noteSearch),
  noteVersions: () => import("./brain/notes/verbs.ts").then((file) => file.noteVersions),
};
