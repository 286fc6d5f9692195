import type { Verbs } from "../../verbs.ts";
import { oneLine } from "../one-line.ts";
import { type FinishInput, finishInput, finishOutput } from "../schema-sessions.ts";
import { currentOf, forgetPlace, placeOf } from "../seat.ts";
import { sessionOf } from "../session-name.ts";
import { defineTool, type Tool } from "../tool.ts";

export const finishTool: Tool = defineTool({
  name: "finish",
  title: "Land or end your work",
  description:
    "Publish or end the session you hold. land: put the work so far on the base branch, go on. complete: land and end. sync: merge the base branch into the workspace. release: give it back. abandon: end without landing. Nothing committed is lost.",
  input: finishInput,
  output: finishOutput,
  reads: false,
  repeatable: true,
  run: async (input, { seat, at }) => {
    const given = input.session === undefined ? undefined : await sessionOf(seat, input.session);
    const id = given ?? (await currentOf(seat))?.session;
    // From where the server was started: the workspace may be gone when this is over, or already.
    const place = at(input.how === "sync" ? await placeOf(seat, id) : seat.home);
    const data = await WORK[input.how](place, { ...input, id, reason: input.reason ?? "" });
    if (id !== undefined && input.how !== "land" && input.how !== "sync") forgetPlace(seat, id);
    return { data, text: textOf(input.how, data) };
  },
});

interface Finished {
  readonly session: { readonly id: string; readonly title: string; readonly state: string };
  readonly landed?: { readonly commit: string; readonly base: string } | null;
  readonly kept?: readonly string[];
  readonly warnings: readonly string[];
}

type Order = Omit<FinishInput, "session" | "how"> & { readonly id: string | undefined; readonly reason: string };

const WORK: Readonly<Record<FinishInput["how"], (verbs: Verbs, order: Order) => Promise<Finished>>> = {
  land: async (verbs, { id, message }) => done(await verbs.land({ id, message })),
  complete: async (verbs, { id, message, commit, tick, notes }) =>
    done(await verbs.complete({ id, message, notes, commit: commit ?? false, ...(tick && { tick }) })),
  sync: async (verbs, { id }) => done(await verbs.sync({ id })),
  release: async (verbs, { id, reason }) => done(await verbs.release({ id, reason })),
  abandon: async (verbs, { id, reason }) => done(await verbs.abandon({ id, reason })),
};

/** Only dry runs, which are not asked for, answer with a plan. */
function done(result: object): Finished {
  return result as Finished;
}

function textOf(how: FinishInput["how"], { session, landed, kept, warnings }: Finished): string {
  const lines = [`${how}: ${session.id} (${oneLine(session.title)}) is ${session.state}.`];
  if (landed) lines.push(`On ${landed.base} as ${landed.commit}.`);
  if (kept && kept.length > 0) lines.push(`The work is kept in ${kept.join(", ")}.`);
  lines.push(...warnings.map((warning) => `Warning: ${oneLine(warning)}`));
  return lines.join("\n");
}
