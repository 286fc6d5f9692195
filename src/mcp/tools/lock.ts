import type { Berth } from "../../open.ts";
import { oneLine } from "../one-line.ts";
import { type LockInput, lockInput, lockOutput } from "../schema-live.ts";
import { placeOfPaths } from "../seat.ts";
import { type Answer, defineTool, type Tool } from "../tool.ts";
import type { Verbs } from "../../verbs.ts";

export const lockTool: Tool = defineTool({
  name: "lock",
  title: "Lock files",
  description:
    "Keep other agents out of files while you change them: take (default; all or none), release, or check who holds them. Taking again renews.",
  input: lockInput,
  output: lockOutput,
  reads: false,
  repeatable: true,
  run: async (input, { seat, at }) => {
    const where = await placeOfPaths(seat, input.paths);
    // Hooks ask before every edit. It waits for nobody, so that no verbs are bound to this one call.
    if (input.action === "check") return check(where, input);
    const place = at(where);
    if (input.action === "release") return release(place, input.paths);
    const { locks } = await place.lock({
      paths: input.paths,
      mode: input.shared ? "shared" : "exclusive",
      ttlMs: ms(input.ttlSeconds),
      waitMs: ms(input.waitSeconds),
      reason: input.reason,
    });
    const until = locks.map(({ path, fence, expiresAt }) => `${path} until ${expiresAt} (fence ${fence})`);
    return { data: { locks }, text: `You hold ${until.join(", ")}.` };
  },
});

async function release(place: Verbs, paths: readonly string[]): Promise<Answer> {
  const { released } = await place.unlock(paths.length === 0 ? { all: true } : { paths });
  const names = released.map(({ path }) => path);
  return { data: { released }, text: names.length === 0 ? "You held none of them." : `Released ${names.join(", ")}.` };
}

async function check(place: Verbs, { paths, shared, hook }: LockInput): Promise<Answer> {
  const found = await place.lockCheck({ paths, mode: shared ? "shared" : "exclusive" });
  const { free, holders, refusesSave } = found;
  const held = holders.map(holderLine).join("; ");
  if (hook) return { data: { free, holders }, text: refusesSave ? denial(held) : "" };
  return { data: { free, holders }, text: free ? "Nobody else holds any of them." : `Held: ${held}.` };
}

type Hold = Awaited<ReturnType<Berth["lockCheck"]>>["holders"][number];

function holderLine({ path, agent, expiresAt, reason }: Hold): string {
  return `${path} by ${agent} until ${expiresAt}${reason === null ? "" : ` (${oneLine(reason)})`}`;
}

/** What a client reads as the answer of a hook before a tool is used: only a lock of this very checkout refuses. */
function denial(held: string): string {
  const reason = `Locked: ${held}. Work on something else meanwhile, or call lock with waitSeconds.`;
  return JSON.stringify({
    hookSpecificOutput: {
      hookEventName: "PreToolUse",
      permissionDecision: "deny",
      permissionDecisionReason: reason,
    },
  });
}

function ms(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
