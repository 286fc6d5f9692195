import { link, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { writeThrough } from "../../disk/durable.ts";
import { randomHex } from "../../hash.ts";
import { homeDir, type Project, stateDir } from "../../project.ts";
import type { NoteStore } from "./note-store.ts";

/**
 * The notes of the project that the caller stands in, by its settings: each workspace is one, unless `brain.project`
 * names one for all. [SIR-01]
 */
export async function openNotes(project: Project): Promise<NoteStore> {
  const { config } = project;
  if (config.brain.store === "embedded") {
    const { embeddedNotes } = await import("./embedded.ts");
    const folder = config.brain.path || join(stateDir(project), "brain");
    return embeddedNotes(
      project,
      resolve(homeDir(project), folder),
      config.brain.project || (await placeName(project)),
    );
  }
  // A protocol and its library, which who has files need not read.
  const { openServerNotes } = await import("./open-server.ts");
  return openServerNotes(project, await placeName(project));
}

/** A workspace's name among those of its repository; it stays when the folder is moved, and goes with it. */
async function placeName({ here, repository }: Project): Promise<string> {
  if (here.gitDir === repository.commonDir) return "main";
  const linked = dirname(here.gitDir) === join(repository.commonDir, "worktrees");
  const name = linked ? `worktree-${basename(here.gitDir)}` : `clone-${basename(dirname(here.gitDir))}`;
  return `${name}-${await idOf(here.gitDir)}`;
}

/** A mark in the workspace's own git directory: another one that gets the same name later is another project. */
async function idOf(gitDir: string): Promise<string> {
  const file = join(gitDir, "berth-notes");
  const read = (): Promise<string> => readFile(file, "utf8").catch(() => "");
  const known = await read();
  if (ID.test(known)) return known;
  const id = randomHex(4);
  // A link is made whole or not at all, by one of those who try.
  const part = `${file}.${randomHex(4)}`;
  await writeThrough(part, id);
  await (known === "" ? link(part, file).catch(() => undefined) : rename(part, file));
  await rm(part, { force: true });
  return (await read()) || id;
}

const ID = /^[0-9a-f]{8}$/;
