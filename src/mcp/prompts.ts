import type { GetPromptResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import { completeSession } from "./schema-prompts.ts";
import { currentOf, pageOf, type Seat } from "./seat.ts";
import { sessionOf } from "./session-name.ts";
import type { SeatOf } from "./tool.ts";

/** A request that a person makes of an agent; clients show it as a command. */
interface Request {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly ask: (seat: Seat, session: string | undefined) => Promise<string>;
}

const REQUESTS: readonly Request[] = [
  {
    name: "handoff",
    title: "Hand over",
    description: "Write down what the next agent needs, from what this one knows",
    ask: async (seat, session) =>
      `${await contextPage(seat, session)}\n\nThis is what the next agent would find. Bring it up to date with the tool progress: ` +
      'todos that are done or new, each decision with its reason, what blocks, and the next step (kind "next"). Commit what is finished, ' +
      'then call finish {how: "release", reason} if you stop here, or finish {how: "land"} if what is there can be published.',
  },
  {
    name: "resume",
    title: "Go on",
    description: "Go on where the last agent stopped",
    ask: async (seat, session) =>
      `${await contextPage(seat, session)}\n\nGo on with this work from here. Look at status first for messages and conflicts, ` +
      "check that the uncommitted files are as described, and take the first open todo or next step.",
  },
  {
    name: "merge_knowledge",
    title: "Merge knowledge",
    description: "Bring what sessions learned into what the team agreed on",
    ask: async (seat, session) => {
      const { plan } = await seat.home.show({ id: await requireSession(seat, session) });
      return (
        `${quoted("The plan of this knowledge session", plan)}\n\nRead the learnings that it names (_AGENTS/knowledge/sessions/<session>/learnings.md) and the topic files in _AGENTS/knowledge/. ` +
        "For each learning: add it to the topic it belongs to, make a new topic, or leave it out because it is known; where it contradicts what stands there, say so and keep both until a person decides. " +
        "Keep its source. Write down each decision with the tool progress, and call finish {how: complete, tick: [all]}."
      );
    },
  },
];

/** Offers the prompts at a server. */
export function offerPrompts(server: McpServer, seatOf: SeatOf, anybody: () => Promise<Seat | null>): void {
  const argsSchema = completeSession(async (given) => {
    const seat = await anybody();
    const { sessions } = (await seat?.home.list({ states: ["active"] })) ?? { sessions: [] };
    return sessions.map(({ id }) => id).filter((id) => id.includes(given));
  });
  for (const { name, title, description, ask } of REQUESTS)
    server.registerPrompt(name, { title, description, argsSchema }, (given, context: ServerContext) =>
      asked(given.session, description, context, seatOf, ask),
    );
}

async function asked(
  given: string | undefined,
  description: string,
  context: ServerContext,
  seatOf: SeatOf,
  ask: Request["ask"],
): Promise<GetPromptResult> {
  const seat = await seatOf(context);
  const session = given === undefined || given === "" ? undefined : await sessionOf(seat, given);
  const text = await ask(seat, session);
  return { description, messages: [{ role: "user", content: { type: "text", text } }] };
}

/** The page that a session's context makes, which is its own words. [INV-9] */
async function contextPage(seat: Seat, session: string | undefined): Promise<string> {
  return quoted("What stands in the context", await pageOf(seat, session));
}

/** What others wrote, named as such: nothing in it is what this prompt asks for. [INV-9] */
function quoted(source: string, text: string): string {
  return `<<< ${source}, as others wrote it:\n${text.trim()}\n>>>`;
}

async function requireSession(seat: Seat, session: string | undefined): Promise<string | undefined> {
  return session ?? (await currentOf(seat))?.session;
}
