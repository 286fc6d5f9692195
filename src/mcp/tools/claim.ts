import { isBerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import { oneLine } from "../one-line.ts";
import { claimInput, claimOutput, type ClaimInput } from "../schema-sessions.ts";
import { currentOf, placeOf } from "../seat.ts";
import { sessionOf } from "../session-name.ts";
import { type Answer, type Call, defineTool, type Tool } from "../tool.ts";

export const claimTool: Tool = defineTool({
  name: "claim",
  title: "Claim work",
  description:
    "Take a planned piece of work (a session) for yourself alone and get a workspace for it. One of many agents wins. Calling again answers with what you hold.",
  input: claimInput,
  output: claimOutput,
  reads: false,
  repeatable: true,
  always: true,
  run: async (input, call) => {
    const { seat } = call;
    const id = input.session === undefined ? undefined : await sessionOf(seat, input.session);
    const held = input.another ? null : await currentOf(seat);
    const again = id === undefined && held ? await claimAt(call, held.session, input).catch(unlessOver) : null;
    const claimed = again ?? (await claimAt(call, id, input));
    const { session, claim, workspace } = claimed;
    const warnings = [...claimed.warnings, ...(seat.passing ? [passingName(seat.agent)] : [])];
    seat.current = { session: session.id, dir: workspace?.path ?? null };
    const { criteria } = await seat.home.show({ id: session.id });
    const data = { session, epoch: claim.epoch, claim, workspace, criteria, warnings };
    return { data, text: textOf(data) };
  },
});

type Claimed = Extract<Awaited<ReturnType<Berth["claim"]>>, { readonly claim: object }>;

/** From the session's workspace, where there is one: that is what proves a claim to be the caller's already. */
async function claimAt({ seat, at }: Call, id: string | undefined, input: ClaimInput): Promise<Claimed> {
  const { capabilities, workspace, waitSeconds } = input;
  const place = id === undefined ? seat.home : await placeOf(seat, id);
  const result = await at(place).claim({
    ...(id === undefined ? { next: true, waitMs: (waitSeconds ?? 0) * 1000 } : { id }),
    ...(capabilities && { capabilities }),
    ...(workspace === "none" ? { noWorkspace: true } : { workspace }),
  });
  // Only a dry run, which is not asked for, has no claim.
  return result as Claimed;
}

function passingName(agent: string): string {
  return `The name ${agent} is for this run of the server alone. To hold claims longer, start it with: berth mcp --agent NAME`;
}

/** A claim that has ended meanwhile is in nobody's way: then there is another one to be taken. */
function unlessOver(error: unknown): null {
  if (isBerthError(error) && ["CLAIM_LOST", "WRONG_STATE", "STALE_EPOCH"].includes(error.code)) return null;
  throw error;
}

function textOf({
  session,
  epoch,
  workspace,
  criteria,
  warnings,
}: Pick<Claimed, "session" | "workspace" | "warnings"> & {
  readonly epoch: number;
  readonly criteria: readonly { readonly text: string; readonly done: boolean }[];
}): Answer["text"] {
  const lines = [`You hold ${session.id} (${oneLine(session.title)}), epoch ${epoch}.`];
  if (workspace)
    lines.push(`Work in ${workspace.path}, on ${workspace.branch}; the plan is in .session/SESSION.md there.`);
  lines.push(...criteria.map(({ text, done }, at) => `${at + 1}. [${done ? "x" : " "}] ${oneLine(text)}`));
  lines.push(...warnings.map((warning) => `Warning: ${oneLine(warning)}`));
  return lines.join("\n");
}
