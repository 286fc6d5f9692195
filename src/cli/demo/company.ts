import type { Berth } from "../../open.ts";
import { slug } from "./board.ts";
import type { News } from "./news.ts";
import type { PlainGit } from "./plain-git.ts";
import type { Work } from "./work.ts";

/** One agent at work: what it knows and has. */
export interface Agent {
  readonly agent: string;
  readonly berth: Berth;
  readonly plain: PlainGit;
  readonly tell: (news: Omit<News, "agent">) => void;
  /** The folder of the project inside the repository, with a slash at its end, or nothing. */
  readonly prefix: string;
  readonly paceMs: number;
  readonly capabilities: readonly string[];
}

/** So long one waits for a file that another agent works on. */
const PATIENCE_MS = 120_000;

/** Says that this agent is there, for as long as its process runs. */
export async function arrive({ berth, agent, capabilities }: Agent): Promise<void> {
  await berth.register({ id: agent, role: "crew", pid: process.pid, capabilities });
}

export async function depart({ berth, agent }: Agent): Promise<void> {
  await berth.leave({ id: agent });
}

/** Locks the files of a session, which its end frees; those of two rivals are shared by them, or they would never meet. */
export async function lockFiles({ berth, prefix, tell }: Agent, session: string, work: Work): Promise<void> {
  const paths = work.paths.map((path) => prefix + path);
  const mode = work.rival ? "shared" : "exclusive";
  await berth.lock({ paths, mode, waitMs: PATIENCE_MS, reason: work.title });
  tell({ session, what: "locked", detail: `${paths.join(", ")}${mode === "shared" ? ", shared" : ""}` });
}

/** What everyone should know: one key for each session that is done, written by whoever did it. */
export async function tellAll({ berth, agent }: Agent, session: string): Promise<void> {
  await berth.sharedSet({ path: `done.${slug(session)}`, value: agent, message: `${slug(session)} is on main` });
}
