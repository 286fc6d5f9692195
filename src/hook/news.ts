import type { Berth } from "../open.ts";
import { named, quoted } from "./quoted.ts";

type Message = Awaited<ReturnType<Berth["inbox"]>>["messages"][number];

/** What others said and what happened to the agent since its last look. */
export interface News {
  readonly text: string | null;
  /** To be marked as read once they were shown. */
  readonly ids: readonly number[];
}

const MOST = 20;

/** Unread messages, kept from other readers until they are shown or come again. */
export async function newsFor(berth: Berth): Promise<News> {
  const { messages } = await berth.inbox({ claim: true });
  if (messages.length === 0) return { text: null, ids: [] };
  const told = messages.slice(0, MOST);
  const left = messages.slice(MOST).map(({ id }) => id);
  if (left.length > 0) await berth.markRead({ ids: left, failed: true });
  const more = left.length === 0 ? [] : [`${left.length} more are in your inbox: berth inbox`];
  return { text: ["News from Berth:", ...told.map(lineOf), ...more].join("\n"), ids: told.map(({ id }) => id) };
}

function lineOf({ at, from, kind, text }: Message): string {
  return `- ${at}, ${kind}${from === null ? "" : `, from ${named(from)}`}: ${quoted(text, 600)}`;
}
