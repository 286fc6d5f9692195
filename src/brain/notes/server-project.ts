import { access, link as linkFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { randomHex, shortHash } from "../../hash.ts";
import { homeDir, type Project, stateDir } from "../../project.ts";
import { dataOf, senseless, textOrNull } from "./server-answers.ts";
import { unavailable } from "./server-failure.ts";
import type { ServerLink } from "./server-link.ts";

/** The project on the server that holds the notes. */
export interface KnownProject {
  readonly name: string;
  /** Its folder as the server names it, which may be one of this machine. */
  readonly folder: string | null;
}

export interface ServerProject {
  /** Null where the server says that it has no such project, and never had it as far as is known here. */
  find(): Promise<KnownProject | null>;
  /** As `find`, asked anew. */
  findAgain(): Promise<KnownProject | null>;
  /** As `find`, and makes it where there is none. */
  make(): Promise<KnownProject>;
}

/**
 * The project by its name. What was there once and is not there any more was lost with the server's data, and counts as
 * unreachable: nobody may begin anew in its place. Where its folder of notes is still on this machine, the server is
 * told of it again.
 * @param top where this repository keeps what it knows of servers
 */
export function serverProject(link: ServerLink, top: string, name: string): ServerProject {
  const mark = join(top, `${encodeURIComponent(name)}.json`);
  const folder = join(top, encodeURIComponent(name));
  let known: KnownProject | null = null;
  let knownAt = -1;
  const remember = async (found: KnownProject): Promise<KnownProject> => {
    [known, knownAt] = [found, link.epoch()];
    if ((await readMark(mark)) !== link.place) await writeMark(mark, link.place);
    return found;
  };
  const make = async (): Promise<KnownProject> => {
    const input = { project_name: name, project_path: folder, output_format: "json" };
    const answer = dataOf(await link.call("create_memory_project", input, true), "create_memory_project", link);
    const made = textOrNull(answer["name"]);
    if (made === null || answer["error"]) throw senseless(answer, "create_memory_project", link);
    return remember({ name: made, folder: textOrNull(answer["path"]) });
  };
  const find = async (): Promise<KnownProject | null> => {
    if (known && knownAt === link.epoch()) return known;
    const found = await lookUp(link, name);
    if (found) return remember(found);
    const [wasThere, isHere] = await Promise.all([readMark(mark), exists(folder)]);
    if (wasThere === link.place && isHere) return make();
    if (wasThere !== link.place) return null;
    throw unavailable("project-unknown", `The notes' server (${link.place}) no longer has the project ${name}.`, {
      place: link.place,
      hint: `Give the server its data back; where its notes are meant to be gone, delete ${mark}`,
    });
  };
  const findAgain = (): Promise<KnownProject | null> => {
    known = null;
    return find();
  };
  return { find, findAgain, make: async () => (await find()) ?? (await make()) };
}

async function lookUp(link: ServerLink, name: string): Promise<KnownProject | null> {
  const tool = "list_memory_projects";
  const answer = dataOf(await link.call(tool, { output_format: "json" }, true), tool, link);
  const { projects } = answer;
  if (!Array.isArray(projects)) throw senseless(answer, tool, link);
  for (const project of projects as Record<string, unknown>[]) {
    if (typeof project?.["name"] !== "string") throw senseless(answer, tool, link);
    if (project["name"] === name || project["qualified_name"] === name)
      return { name, folder: textOrNull(project["local_path"]) ?? textOrNull(project["path"]) };
  }
  return null;
}

/**
 * A name that no other repository or workspace has on a server that many share: it stays when the repository is moved,
 * and a copy of the repository gets another one.
 * @param place the workspace's name among those of its repository
 */
export async function projectName(project: Pick<Project, "repository">, top: string, place: string): Promise<string> {
  const repository = await repositoryWord(project, join(top, "repository.json"));
  const word = plainWord(place);
  // Two workspaces whose names differ by odd letters alone have two projects.
  return `berth-${repository}-${word === place ? word : `${word}-${shortHash(place).slice(0, 8)}`}`;
}

/** Where a repository keeps what it knows of servers, and the folders of projects that were made for it. */
export function serverDir(project: Pick<Project, "repository">): string {
  return join(stateDir(project), "brain-server");
}

/** What the repository was called at first, and a number of its own. */
async function repositoryWord(project: Pick<Project, "repository">, file: string): Promise<string> {
  const { commonDir } = project.repository;
  const known = await readId(file);
  if (known?.folder === commonDir) return known.id;
  // Known by another folder: moved, unless that one is still there and says the same.
  const copied = known && (await readId(file.replace(commonDir, known.folder)))?.id === known.id;
  const called = plainWord(basename(homeDir(project)).replace(/\.git$/, "")).slice(0, 40);
  const id = known && !copied ? known.id : `${called}-${randomHex(4)}`;
  const part = `${file}.${randomHex(4)}`;
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(part, JSON.stringify({ id, folder: commonDir }));
  // Who comes first names it.
  if (known) await rename(part, file);
  else await linkFile(part, file).catch(() => undefined);
  await rm(part, { force: true });
  return (await readId(file))?.id ?? id;
}

async function readId(file: string): Promise<{ readonly id: string; readonly folder: string } | null> {
  const { id, folder } = (await readJson(file)) ?? {};
  return typeof id === "string" && /^[0-9a-z-]+$/.test(id) && typeof folder === "string" ? { id, folder } : null;
}

async function readMark(file: string): Promise<string | null> {
  return textOrNull((await readJson(file))?.["place"]);
}

async function writeMark(file: string, place: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  const part = `${file}.${randomHex(4)}`;
  await writeFile(part, `${JSON.stringify({ place, note: "The server at this place has had this project." })}\n`);
  await rename(part, file);
}

async function readJson(file: string): Promise<Record<string, unknown> | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function plainWord(text: string): string {
  const word = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return word.replaceAll(/^-|-$/g, "") || "repository";
}
