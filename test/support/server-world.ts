import { join } from "node:path";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import type { Berth } from "../../src/open.ts";
import { httpNotes, notesCommand } from "./notes-server.ts";
import { type Sandbox, sandbox } from "./sandbox.ts";

export interface ServerWorld {
  readonly box: Sandbox;
  /** The server's folder. */
  readonly home: string;
  readonly berth: Berth;
  readonly notes: NoteStore;
}

/** A repository whose notes are on a server. */
export async function serverWorld(
  brain: Readonly<Record<string, unknown>> = {},
  env: Record<string, string> = {},
): Promise<ServerWorld> {
  const box = sandbox({ remote: false });
  const home = join(box.dir, "server");
  const command = brain["url"] === undefined ? { command: notesCommand(home) } : {};
  const settings = { brain: { store: "server", timeout: 1, ...command, ...brain } };
  // JSON is YAML.
  box.write(box.hub, { ".berth/config.yaml": `${JSON.stringify(settings)}\n` });
  const berth = await box.open(box.hub, undefined, { env: { ...process.env, ...env } });
  return { box, home, berth, notes: await openNotes(berth.project) };
}

export async function webWorld(): Promise<ServerWorld & { readonly server: Awaited<ReturnType<typeof httpNotes>> }> {
  const { dir } = sandbox({ remote: false });
  const server = await httpNotes(join(dir, "server"));
  return { ...(await serverWorld({ url: server.url })), home: server.home, server };
}
