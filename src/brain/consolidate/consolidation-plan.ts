import type { Note } from "../notes/note-store.ts";
import { raised, type SessionState } from "../state/session-state.ts";
import { agentNote, printed, STATE_NOTE } from "../state/state-note.ts";
import type { Historic, HistoricSession } from "./historic.ts";

/** What a consolidation would do, as plain data. */
export interface ConsolidationPlan {
  /** The session that becomes the state; null where none can, or there is a state already. */
  readonly winner: { readonly id: string; readonly because: "pointer" | "newest" } | null;
  /** Notes to be made, where there is none yet. */
  readonly writes: readonly { readonly path: string; readonly text: string; readonly from: string }[];
  /** The sessions that there were. */
  readonly ids: readonly string[];
  /** Historic notes: all of them are archived, and then removed. */
  readonly removes: readonly Note[];
  /** What was skipped, and why. */
  readonly warnings: readonly string[];
}

/**
 * Which session becomes the state of the project: the one that the pointer names if it is sound, else the newest by
 * `updatedAt`, of equally new ones the first by id. Damaged and deleted ones are skipped. Its agents' records move; all
 * that is historic is archived. [SIR-07] [SIR-08] [SIR-09]
 * @param state whether the project has a session state, which then stands
 */
export function consolidationPlan(historic: Historic, state: boolean, now: string): ConsolidationPlan {
  const { sessions, agents, pointer } = historic;
  const chosen = state ? null : choose(historic);
  const writes = chosen
    ? [{ path: STATE_NOTE, text: printed(withNext(chosen.session, now)), from: chosen.session.note.path }]
    : [];
  const moved = agents.filter(({ session, why }) => session === chosen?.session.id && why === null);
  return {
    winner: chosen && { id: chosen.session.id, because: chosen.because },
    writes: [
      // The state comes last: where it is there, all of them are.
      ...moved.map(({ agent, note }) => ({ path: agentNote(agent), text: note.text, from: note.path })),
      ...writes,
    ],
    ids: sessions.map(({ id }) => id),
    removes: [...sessions.map(({ note }) => note), ...agents.map(({ note }) => note), ...(pointer ? [pointer] : [])],
    warnings: [
      ...sessions.flatMap(({ note, state: found }) =>
        found.kind === "sound"
          ? []
          : [`${note.path} was skipped: ${found.kind === "damaged" ? found.why : "it was deleted"}`],
      ),
      ...agents.flatMap(({ note, why }) => (why === null ? [] : [`${note.path} was archived, not moved: ${why}`])),
      ...(pointer && !state && chosen?.because !== "pointer" ? [`${pointer.path} names no sound session.`] : []),
    ],
  };
}

type Sound = HistoricSession & { readonly state: { readonly kind: "sound"; readonly value: SessionState } };

function choose({ sessions, pointer }: Historic): { session: Sound; because: "pointer" | "newest" } | null {
  const sound = sessions.filter((session): session is Sound => session.state.kind === "sound");
  const named = pointer ? idsIn(pointer.text) : [];
  const current = sound.find(({ id }) => named.includes(id));
  if (current) return { session: current, because: "pointer" };
  const [newest] = sound.toSorted((a, b) => timeOf(b) - timeOf(a) || (a.id < b.id ? -1 : 1));
  return newest ? { session: newest, because: "newest" } : null;
}

/** A pointer is the plain id, also where that looks like a number, or JSON that has it. */
function idsIn(text: string): readonly string[] {
  const plain = text.trim();
  try {
    const value = JSON.parse(text) as string | number | { readonly sessionId?: string } | null;
    return [plain, typeof value === "object" ? (value?.sessionId ?? plain) : String(value)];
  } catch {
    return [plain];
  }
}

function timeOf({ state }: Sound): number {
  return Date.parse(state.value.updatedAt);
}

function withNext({ state }: Sound, now: string): SessionState {
  return raised(state.value, state.value.version, now);
}
