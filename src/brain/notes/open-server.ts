import { BerthError } from "../../errors.ts";
import { homeDir, type Project } from "../../project.ts";
import type { NoteStore } from "./note-store.ts";
import { serverNotes } from "./server.ts";
import { type ServerLink, serverLink } from "./server-link.ts";
import { projectName, serverDir } from "./server-project.ts";

/** One connection for each opened handle, which the handle's verbs share; the reader of its objects stands for it. */
const handles = new WeakMap<
  Project["objects"],
  { readonly link: ServerLink; readonly stores: Map<string, NoteStore> }
>();

/**
 * The notes on the server that the settings name.
 * @param place the workspace's name among those of its repository
 * @throws BerthError INVALID settings
 */
export async function openServerNotes(project: Project, place: string): Promise<NoteStore> {
  const { command, url, project: named } = project.config.brain;
  if ((command.length === 0) === (url === ""))
    throw new BerthError("INVALID", "brain.store is server: either brain.command or brain.url must name it.", {
      hint: "For example: berth config brain.command '[basic-memory, mcp]'",
    });
  const handle = handles.get(project.objects) ?? { link: linkOf(project), stores: new Map<string, NoteStore>() };
  handles.set(project.objects, handle);
  const name = named || (await projectName(project, serverDir(project), place));
  const store = handle.stores.get(name) ?? serverNotes(project, handle.link, name);
  handle.stores.set(name, store);
  return store;
}

function linkOf(project: Project): ServerLink {
  const { command, url, timeout } = project.config.brain;
  return serverLink(project, {
    place: url || command.join(" "),
    command,
    url,
    token: project.commandEnv["BERTH_BRAIN_TOKEN"],
    timeoutMs: timeout * 1000,
    dir: homeDir(project),
    env: project.commandEnv,
  });
}
