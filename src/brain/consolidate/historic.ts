import type { Note, NoteStore } from "../notes/note-store.ts";
import { agentNote, invocationOf, stateOf } from "../state/state-note.ts";
import type { SessionState } from "../state/session-state.ts";
import { messageOf } from "../../errors.ts";

/** The note that said which session was the current one. */
const POINTER_NOTE = "sessions/current-session";
const SESSION = /^sessions\/session-(.+)$/;

/** A session of before: its own note, with an id in its path. */
export interface HistoricSession {
  readonly id: string;
  readonly note: Note;
  readonly state:
    | { readonly kind: "sound"; readonly value: SessionState }
    | { readonly kind: "deleted" }
    | { readonly kind: "damaged"; readonly why: string };
}

/** The record of an agent in a session of before. */
export interface HistoricAgent {
  readonly note: Note;
  /** Empty where the path does not say which session it belonged to. */
  readonly session: string;
  readonly agent: string;
  /** Why it cannot be the record of today; null where it can. */
  readonly why: string | null;
}

/** Everything that a project has from the time of many sessions. */
export interface Historic {
  readonly sessions: readonly HistoricSession[];
  readonly agents: readonly HistoricAgent[];
  readonly pointer: Note | null;
}

/** Whether there is anything historic, by as few questions as possible. */
export async function hasHistoric(notes: NoteStore): Promise<boolean> {
  return (await notes.list("sessions/session-*")).length > 0 || (await notes.list("session-*-agent-*")).length > 0;
}

/** Reads all that is historic; what cannot be understood is told, and kept. [SIR-07] */
export async function readHistoric(notes: NoteStore): Promise<Historic> {
  const sessions: HistoricSession[] = [];
  for (const note of await allOf(notes, "sessions/session-*")) {
    const id = SESSION.exec(note.path)?.[1];
    if (id !== undefined) sessions.push({ id, note, state: await judged(note) });
  }
  const ids = sessions.map(({ id }) => id).toSorted((a, b) => b.length - a.length);
  const agents = (await allOf(notes, "session-*-agent-*")).map((note) => agentOf(note, ids));
  return { sessions, agents: await Promise.all(agents), pointer: await notes.read(POINTER_NOTE) };
}

async function allOf(notes: NoteStore, pattern: string): Promise<Note[]> {
  const found: Note[] = [];
  for (const path of await notes.list(pattern)) {
    const note = await notes.read(path);
    if (note) found.push(note);
  }
  return found;
}

/** A tombstone says that it was deleted; a sound state loses its id. */
async function judged(note: Note): Promise<HistoricSession["state"]> {
  try {
    const { sessionId: _, deleted, ...rest } = JSON.parse(unfenced(note.text)) as Record<string, unknown>;
    if (deleted === true) return { kind: "deleted" };
    const { state } = await stateOf({ path: note.path, text: JSON.stringify(rest) });
    return { kind: "sound", value: state };
  } catch (error) {
    return { kind: "damaged", why: messageOf(error) };
  }
}

function unfenced(text: string): string {
  return /^\s*```(?:json)?\r?\n([^]*?)\r?\n```\s*$/.exec(text)?.[1] ?? text;
}

/** Ids may hold dashes, and so may agents: a session that is known decides where its id ends. */
async function agentOf(note: Note, ids: readonly string[]): Promise<HistoricAgent> {
  const name = note.path.slice("session-".length);
  const session = ids.find((id) => name.startsWith(`${id}-agent-`));
  if (session === undefined) {
    const [, id = "", agent = ""] = /^(.*?)-agent-(.+)$/.exec(name) ?? [];
    return { note, session: id, agent, why: "its session is not there" };
  }
  const agent = name.slice(`${session}-agent-`.length);
  try {
    const invocation = await invocationOf({ path: agentNote(agent), text: note.text });
    return { note, session, agent, why: invocation.agent === agent ? null : `it is a record of ${invocation.agent}` };
  } catch (error) {
    return { note, session, agent, why: messageOf(error) };
  }
}
