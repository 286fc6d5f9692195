import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { BerthError, isBerthError } from "../errors.ts";
import { type Berth, openBerth, type OpenOptions } from "../open.ts";

/**
 * One agent at the server: the repository as it is seen from where the server was started, and from the workspaces the
 * agent works in. Which of them a call is about follows from the claims the agent holds, so that no call has to say it.
 */
export interface Seat {
  readonly agent: string;
  /** Where the server was started. */
  readonly home: Berth;
  /** Handles of other checkouts, by their tops. */
  readonly places: Map<string, Berth>;
  /** How handles are opened for this agent. */
  readonly opening: OpenOptions;
  /** The session that calls are about, as far as it is known: looked up where it is needed. */
  current: Current | null;
  /** Whether its name was made up for this run of the server, and is another one the next time. */
  readonly passing: boolean;
  /** The newest message that was shown to the agent and not marked as read yet. */
  shown: number;
}

interface Current {
  readonly session: string;
  readonly dir: string | null;
}

/** @throws BerthError as openBerth does */
export async function openSeat(folder: string, opening: OpenOptions, passing: boolean = false): Promise<Seat> {
  const home = await openBerth(folder, opening);
  const agent = home.project.caller.name;
  return { agent, home, places: new Map(), opening: { ...opening, agent }, current: null, passing, shown: 0 };
}

export function closeSeat(seat: Seat): void {
  for (const place of seat.places.values()) place.close();
  seat.home.close();
}

/**
 * The repository as seen from the workspace of a session: of the named one, of the one the agent holds, else from where
 * the server was started.
 */
export async function placeOf(seat: Seat, session: string | undefined): Promise<Berth> {
  if (session !== undefined && session !== seat.current?.session) {
    const dir = await workspaceOf(seat, session);
    return dir === null ? seat.home : placeAt(seat, dir);
  }
  const current = await currentOf(seat);
  return current?.dir === undefined || current.dir === null ? seat.home : placeAt(seat, current.dir);
}

/**
 * The page of a session's context: of the named one, of the one the agent holds, else of what is there where the server
 * was started.
 * @throws BerthError NOT_FOUND also for a session that is worked elsewhere: another one's context is none
 */
export async function pageOf(seat: Seat, session: string | undefined): Promise<string> {
  const page = await (await placeOf(seat, session)).contextHandoff({});
  if (session === undefined || page.session === session) return page.markdown;
  throw new BerthError("NOT_FOUND", `The context of ${session} is not on this machine.`, {
    hint: "Its workspace is elsewhere, or it has none any more; what is known of it: berth show",
    facts: { session },
  });
}

/** The session that calls are about; null where the agent holds none, or more than one. */
export async function currentOf(seat: Seat): Promise<Current | null> {
  const dir = seat.current?.dir ?? null;
  if (dir !== null && !existsSync(dir)) seat.current = null;
  seat.current ??= await lookUp(seat);
  return seat.current;
}

async function lookUp(seat: Seat): Promise<Current | null> {
  const { home } = seat;
  // In a workspace there is one session, and nobody has to name it.
  const here = await home.path({}).catch(unless("USAGE", "NOT_FOUND", "NOT_INITIALISED"));
  if (here) return { session: (await home.show({})).session.id, dir: home.project.here.top };
  const listed = await home.list({ states: ["active"] }).catch(unless("NOT_INITIALISED"));
  const [only, second] = (listed?.sessions ?? []).filter(({ agent }) => agent === seat.agent);
  if (!only || second) return null;
  return { session: only.id, dir: await workspaceOf(seat, only.id) };
}

async function workspaceOf(seat: Seat, session: string): Promise<string | null> {
  const found = await seat.home.path({ id: session }).catch(unless("NOT_FOUND"));
  return found?.path ?? null;
}

/** Another checkout of the same repository, opened once. */
async function placeAt(seat: Seat, dir: string): Promise<Berth> {
  const { home, places } = seat;
  if (dir === home.project.here.top) return home;
  const known = places.get(dir);
  if (known) return known;
  const opened = await openBerth(dir, seat.opening);
  const raced = places.get(dir);
  if (raced || opened.project.repository.commonDir !== home.project.repository.commonDir) opened.close();
  if (raced) return raced;
  if (opened.project.repository.commonDir !== home.project.repository.commonDir)
    throw new BerthError("INVALID", `${dir} belongs to another repository.`, {
      hint: `This server works in ${home.project.here.top ?? home.project.cwd}; start another one there.`,
    });
  places.set(dir, opened);
  return opened;
}

/**
 * The checkout that paths are named in: of absolute ones the one around the first, else the workspace of the agent's
 * session.
 */
export async function placeOfPaths(seat: Seat, paths: readonly string[]): Promise<Berth> {
  const absolute = paths.find((path) => isAbsolute(path));
  const top = absolute === undefined ? null : checkoutAround(absolute);
  return top === null ? placeOf(seat, undefined) : placeAt(seat, top).catch(orHome(seat));
}

/** What is in no repository, or in another one, is refused by the verb itself, which knows how to say it. */
function orHome(seat: Seat): (error: unknown) => Berth {
  return (error) => {
    if (isBerthError(error) && ["INVALID", "NOT_A_REPOSITORY"].includes(error.code)) return seat.home;
    throw error;
  };
}

/** The nearest folder above a path that git calls the top of a checkout. */
function checkoutAround(path: string): string | null {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return realpathSync.native(dir);
    if (dirname(dir) === dir) return null;
  }
}

/** The workspace of a session has gone. */
export function forgetPlace(seat: Seat, session: string): void {
  if (seat.current?.session !== session) return;
  const { dir } = seat.current;
  seat.current = null;
  if (dir === null || existsSync(dir)) return;
  seat.places.get(dir)?.close();
  seat.places.delete(dir);
}

/** Takes errors of some codes for the answer that there is nothing. */
function unless(...codes: readonly string[]): (error: unknown) => null {
  return (error) => {
    if (isBerthError(error) && codes.includes(error.code)) return null;
    throw error;
  };
}
