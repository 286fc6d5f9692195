import { isBerthError, messageOf } from "../errors.ts";
import type { Berth } from "../open.ts";
import { lookAfterShell } from "./after-shell.ts";
import { lockFor } from "./before-edit.ts";
import { type EventKind, type HookAnswer, type HookEvent, NOTHING } from "./event.ts";
import { modeRefusal } from "./gate.ts";
import { newsFor } from "./news.ts";
import { beat, enter, isSetUp, leave, type Presence } from "./presence.ts";
import { startPage } from "./start-page.ts";

/** An answer, and the messages that it shows: they are read once it was printed. */
export interface Handled extends HookAnswer {
  readonly shown: readonly number[];
}

/**
 * What Berth does at an event of an agent client, and what it has to say.
 * @throws whatever hinders it; the caller decides whether that refuses anything
 */
export async function handle(berth: Berth, event: HookEvent, presence: Presence): Promise<Handled> {
  return isSetUp(berth) ? DEEDS[event.kind](berth, event, presence) : SILENCE;
}

type Deed = (berth: Berth, event: HookEvent, presence: Presence) => Promise<Handled>;

const SILENCE: Handled = { ...NOTHING, shown: [] };

const DEEDS: Readonly<Record<EventKind, Deed>> = {
  start,
  prompt: news,
  "after-tools": news,
  "before-tool": before,
  "after-tool": after,
  compact: keep,
  stop: keep,
  blocked: async (berth, { reason, name }, presence) => {
    await beat(berth, presence, `waits: ${reason ?? name}`);
    return SILENCE;
  },
  end: async (berth) => {
    await leave(berth);
    return SILENCE;
  },
  other: async (berth, _, presence) => {
    await beat(berth, presence);
    return SILENCE;
  },
};

async function start(berth: Berth, event: HookEvent, presence: Presence): Promise<Handled> {
  await enter(berth, presence);
  // A part of an agent has its own history, and the agent's name.
  const { text, ids } = event.name === "SubagentStart" ? { text: null, ids: [] } : await newsFor(berth);
  return { ...NOTHING, context: await startPage(berth, text), shown: ids };
}

/** The agent goes on: it waits for nothing any more. */
async function news(berth: Berth, _: HookEvent, presence: Presence): Promise<Handled> {
  await beat(berth, presence, "");
  const { text, ids } = await newsFor(berth);
  return { ...NOTHING, context: text, shown: ids };
}

async function before(berth: Berth, { tool }: HookEvent, presence: Presence): Promise<Handled> {
  if (tool === null) return SILENCE;
  const refused = await modeRefusal(berth, tool.name);
  if (refused !== null) return { ...SILENCE, deny: refused };
  await beat(berth, presence);
  if (tool.name === "Bash") await berth.markEdited();
  return { ...(await lockFor(berth, tool.paths)), shown: [] };
}

async function after(berth: Berth, { tool, todos, conversation }: HookEvent, presence: Presence): Promise<Handled> {
  await beat(berth, presence);
  if (todos.length > 0) await mirror(berth, todos, conversation);
  return tool?.name === "Bash" ? { ...(await lookAfterShell(berth)), shown: [] } : SILENCE;
}

/** Where there is no context there is nothing to keep a list in. [CTX-13] */
async function mirror(berth: Berth, todos: HookEvent["todos"], conversation: string | null): Promise<void> {
  try {
    await berth.todoMirror({ items: todos, source: conversation?.slice(0, 8) ?? "todo" });
  } catch (error) {
    if (!isBerthError(error) || !["NOT_FOUND", "WRONG_STATE"].includes(error.code)) throw error;
  }
}

/** Before the history goes, and when a turn is over, what is not committed is told and kept. [XCS-19] */
async function keep(berth: Berth, _: HookEvent, presence: Presence): Promise<Handled> {
  await beat(berth, presence);
  try {
    await toldInContext(berth);
    await berth.checkpointIfChanged();
    return SILENCE;
  } catch (error) {
    return { ...SILENCE, notice: `Berth could not keep the uncommitted work: ${messageOf(error)}` };
  }
}

/** What was edited since is in the context, for whoever comes next. [CTX-14] */
async function toldInContext(berth: Berth): Promise<void> {
  try {
    await berth.contextNow();
  } catch (error) {
    if (!isBerthError(error) || !["NOT_FOUND", "WRONG_STATE"].includes(error.code)) throw error;
  }
}
