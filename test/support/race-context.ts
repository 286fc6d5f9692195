import type { FeedEvent } from "../../src/store/store.ts";
import type { Version } from "../../src/shared-context/version.ts";
import type { Call } from "./race-told.ts";

/** What the store has of the shared context. */
export interface Kept {
  readonly versions: readonly Version[];
  /** Path, sides and the writer of the one that does not stand, as stored. */
  readonly conflicts: readonly { readonly id: number; readonly sides: string; readonly theirs_by: string }[];
  readonly messages: readonly {
    readonly seq: number;
    readonly recipient: string;
    readonly kind: string;
    readonly body: string;
    readonly data: string;
  }[];
}

interface Told {
  readonly version: number;
  readonly hash: string;
  readonly conflicts?: readonly { readonly id: number }[];
}

/** Writes that were accepted and are nowhere, or are not what their writer was told. [INV-7] */
export function contextProblems(calls: readonly Call[], kept: Kept): string[] {
  const problems: string[] = [];
  const versions = new Map(kept.versions.map((version) => [version.version, version]));
  const conflicts = new Map(kept.conflicts.map((conflict) => [conflict.id, conflict]));
  for (const { agent, verb, input, answer } of calls) {
    if (!answer || (verb !== "sharedSet" && verb !== "sharedResolve")) continue;
    const { version, hash, conflicts: met = [] } = answer as unknown as Told;
    const made = versions.get(version);
    const said = `${agent} wrote ${JSON.stringify(input)} and was told ${version} ${hash}`;
    if (made?.hash !== hash) problems.push(`${said}, which is ${made?.hash}`);
    if (verb !== "sharedSet") continue;
    const mark = String(input["message"]);
    const places = [
      ...(made?.message === mark ? [JSON.stringify(made.changes.map(({ after }) => after))] : []),
      ...met.map(({ id }) => conflicts.get(id)?.sides ?? ""),
    ];
    if (!places.some((place) => place.includes(mark))) problems.push(`${said}, and it is nowhere`);
    if (String(input["path"]) === `of.${agent}` && met.length > 0) problems.push(`${said}, in conflict with nobody`);
  }
  return problems;
}

/** Messages that were sent and never came, came twice, or came in another order. */
export function messageProblems(calls: readonly Call[], kept: Kept): string[] {
  const problems: string[] = [];
  for (const { verb, input, answer } of calls) {
    if (verb !== "tell" || !answer) continue;
    const found = kept.messages.filter(({ body }) => body === input["text"]).map(({ recipient }) => recipient);
    const { to } = answer["message"] as { readonly to: readonly string[] };
    if (found.join(", ") !== to.join(", ")) problems.push(`told ${to.join(", ")}, which came to ${found.join(", ")}`);
  }
  const read = new Map<string, number>();
  for (const { agent, verb, answer } of calls) {
    if (verb !== "inbox" || !answer) continue;
    for (const { id } of answer["messages"] as readonly { readonly id: number }[]) {
      if (id <= (read.get(agent) ?? 0)) problems.push(`${agent} got ${id} after ${read.get(agent)}`);
      read.set(agent, id);
    }
  }
  return problems;
}

/** Locks that expired without a word to who had them. */
export function noticeProblems(events: readonly FeedEvent[], kept: Kept): string[] {
  const lost = kept.messages.filter(({ kind }) => kind === "lock.lost");
  const told = new Set(
    lost.map(({ recipient, data }) => `${recipient} ${(JSON.parse(data) as { fence: number }).fence}`),
  );
  return events
    .filter(({ kind }) => kind === "lock.expired")
    .map(({ data }) => `${String(data["agent"])} ${String(data["fence"])}`)
    .filter((hold) => !told.has(hold));
}
