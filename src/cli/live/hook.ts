import { isBerthError, messageOf } from "../../errors.ts";
import { CLIENTS } from "../../hook/clients.ts";
import { CLIENT_NAMES, type HookAnswer, type HookEvent, NOTHING, type Written } from "../../hook/event.ts";
import { handle, type Handled } from "../../hook/handle.ts";
import { parsePayload } from "../../hook/payload.ts";
import { openBerth } from "../../open.ts";
import { callerName, conversationName } from "../caller.ts";
import { type Command, defineCommand, type Invocation, type Result } from "../command.ts";
import { readStandardInput } from "../input.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    client: { type: "text", required: true, choices: CLIENT_NAMES, summary: "Whose payload it is" },
    event: { type: "text", value: "NAME", summary: "What happened, for a client whose payload does not say" },
    strict: { type: "flag", summary: "Refuse a tool also where Berth itself cannot do its part" },
  },
  details: [
    "Agent clients call this by themselves, with what happens on standard input: it registers the agent and tells it what it should know at its start, locks a file before it is edited, refuses where another agent holds it, keeps what is not committed, and signs the agent off at its end.",
    "Where Berth itself fails, the agent goes on and its person is told; with --strict the tool is refused. The gate of modes refuses what it cannot judge in any case.",
  ],
  examples: [
    {
      says: "as Claude Code calls it",
      line: `echo '{"hook_event_name":"Stop","session_id":"a1b2c3d4","cwd":"."}' | berth hook --client claude`,
    },
  ],
  run: async (invocation) => {
    const { options, terminal, signal } = invocation;
    const client = CLIENTS[options.client];
    const given = await readStandardInput(terminal, signal).then(parsePayload).catch(unread);
    if (given instanceof Error) return refusedPayload(given, options.strict);
    const event = client.read(options.event === undefined ? given : { hook_event_name: options.event, ...given });
    const { handled, marked } = await answerTo(invocation, event, client.program);
    return printed(client.write(event, handled), marked);
  },
});

function unread(error: unknown): Error {
  if (isBerthError(error) && error.code !== "INTERRUPTED") return error;
  throw error;
}

/** Clients take 2, which a wrong call ends with elsewhere, for a refusal: what cannot be read refuses nothing by itself. */
function refusedPayload(error: Error, strict: boolean): Result {
  return { data: null, text: () => "", notes: [`berth: ${plain(error.message)}`], exitCode: strict ? 2 : 1 };
}

type Call = Pick<Invocation, "opening" | "folder" | "terminal"> & { readonly options: { readonly strict: boolean } };

interface Answered {
  readonly handled: HookAnswer;
  /** What becomes of the messages that were shown, once that is known. */
  readonly marked: (shown: boolean) => Promise<unknown>;
}

async function answerTo(call: Call, event: HookEvent, program: string): Promise<Answered> {
  const { opening, folder, terminal, options } = call;
  const marked = (): Promise<undefined> => Promise.resolve(undefined);
  try {
    const agent = nameFor(call, program, event.conversation);
    const cwd = event.cwd ?? folder();
    const berth = await openBerth(cwd, { ...opening, beats: false, ...(agent !== undefined && { agent }) });
    const pid = processOf(terminal.env["CLAUDE_PID"]);
    const handled: Handled = await handle(berth, event, { program, pid });
    const { shown } = handled;
    if (shown.length === 0) return { handled, marked: async () => berth.close() };
    return {
      handled,
      marked: async (isShown) => {
        await berth.markRead({ ids: shown, failed: !isShown });
        berth.close();
      },
    };
  } catch (error) {
    return { handled: onFailure(error, event, options.strict), marked };
  }
}

/** What `--agent` or BERTH_AGENT says; else the conversation of the payload, which the environment may not know. */
function nameFor({ opening, terminal }: Call, program: string, conversation: string | null): string | undefined {
  const fromClient = callerName(undefined, { ...terminal.env, BERTH_AGENT: undefined });
  if (opening.agent !== fromClient) return opening.agent;
  return conversationName(program, conversation) ?? opening.agent;
}

/** Fails open with a word, unless it is asked to be strict. Outside of repositories there is nothing to say. */
function onFailure(error: unknown, event: HookEvent, strict: boolean): HookAnswer {
  if (isBerthError(error) && ["NOT_A_REPOSITORY", "NOT_INITIALISED"].includes(error.code)) return NOTHING;
  const hint = isBerthError(error) && error.hint !== undefined ? ` ${error.hint}` : "";
  const text = `Berth could not do its part at ${event.name || "this event"}: ${plain(messageOf(error))}${plain(hint)}`;
  if (strict && event.kind === "before-tool") return { ...NOTHING, deny: text };
  return { ...NOTHING, notice: text };
}

function processOf(given: string | undefined): number | null {
  return given !== undefined && /^[1-9]\d{0,9}$/.test(given) ? Number(given) : null;
}

function printed({ stdout, stderr, exitCode }: Written, marked: Answered["marked"]): Result {
  return {
    data: null,
    text: () => stdout,
    notes: stderr === "" ? [] : [stderr.trimEnd()],
    exitCode,
    printed: () => marked(true),
    unprinted: () => marked(false),
  };
}
