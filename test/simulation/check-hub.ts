import { isAncestor } from "./git/history.ts";
import type { Move } from "./git/network.ts";
import { commitOf, entryAt, filesOf, type Objects } from "./git/objects.ts";
import { type Claim, ledgerAt, type SessionView, stateOf } from "./ledger-view.ts";

/** What a process is doing, as the simulation knows it. */
export interface Deed {
  readonly agent: string;
  readonly verb: string;
  readonly session: string | null;
  /** The claim that the agent took itself to have when it began. */
  readonly epoch: number | null;
  /** A person's explicit word. */
  readonly forced: boolean;
}

/** What the hub is judged by besides itself. */
export interface Truth {
  readonly verified: ReadonlySet<string>;
  /** Whether the hub moves base branch and ledger together. */
  readonly atomic: boolean;
  /** Whether an agent's own process is there, paused or not. */
  isThere(agent: string): boolean;
}

export const LEDGER = "refs/heads/berth/ledger";
export const BASE = "refs/heads/main";
const NOTHING = "0".repeat(40);

/** Judges what has just become true on the hub. @returns a sentence for each rule that is broken */
export function judgeMoves(
  objects: Objects,
  refs: ReadonlyMap<string, string>,
  moves: readonly Move[],
  deed: Deed,
  truth: Truth,
): string[] {
  const broken: string[] = [];
  const ledger = moves.find(({ ref }) => ref === LEDGER);
  const base = moves.find(({ ref }) => ref === BASE);
  const now = ledgerAt(objects, refs.get(LEDGER) ?? "");
  const before = ledger ? ledgerAt(objects, ledger.from) : now;
  for (const { ref, from, to } of [ledger, base].filter((move) => move !== undefined))
    if (!isAncestor(objects, from, to)) broken.push(`${ref} lost commits (${from.slice(0, 8)} to ${to.slice(0, 8)})`);
  const tip = refs.get(BASE) ?? "";
  if (ledger)
    for (const id of new Set([...before.keys(), ...now.keys()]))
      if (before.get(id)?.sign !== now.get(id)?.sign)
        broken.push(...judgeSession(objects, { id, before: before.get(id), now: now.get(id), base: tip }, deed, truth));
  if (base) broken.push(...judgeBase(objects, base, before, now, truth));
  for (const move of moves)
    if (move.ref.startsWith("refs/heads/session/")) broken.push(...judgeBranch(objects, move, now, refs, deed, truth));
  return broken;
}

interface Change {
  readonly id: string;
  readonly before: SessionView | undefined;
  readonly now: SessionView | undefined;
  readonly base: string;
}

function judgeSession(objects: Objects, change: Change, deed: Deed, truth: Truth): string[] {
  const { id, before, now, base } = change;
  const [from, to] = [stateOf(before), stateOf(now)];
  if (!now || to === null) return [`${id} stands in ${now?.states.join(" and ") || "no state"}`];
  const broken: string[] = [];
  if (now.locked !== (to === "active")) broken.push(`${id} is ${to}, and its line in sessions.lock says another thing`);
  const [old, claim] = [before?.claim ?? null, now.claim];
  if ((claim?.epoch ?? 0) < (old?.epoch ?? 0))
    broken.push(`INV-1: the epoch of ${id} fell from ${old?.epoch} to ${claim?.epoch}`);
  if (from !== "active" && to === "active" && claim?.epoch !== (old?.epoch ?? 0) + 1)
    broken.push(`INV-1: ${id} was claimed at epoch ${claim?.epoch} after epoch ${old?.epoch ?? 0}`);
  if (from === "active" && old) broken.push(...judgeEnd(id, old, claim, to, deed, truth));
  if (from === "completed" || from === "abandoned")
    if (to !== from) broken.push(`${id} came back from ${from} to ${to}`);
  for (const landing of claim?.landed ?? [])
    if (!isAncestor(objects, landing.commit, base))
      broken.push(`INV-4: ${id} is ${to}, and its landing ${landing.commit.slice(0, 8)} is not on the base branch`);
  if (to === "completed" && claim) broken.push(...judgeCompletion(objects, id, claim, base));
  return broken;
}

/** What was active stays its holder's, or ends by him, or is taken over. */
function judgeEnd(id: string, old: Claim, claim: Claim | null, to: string, deed: Deed, truth: Truth): string[] {
  if (claim?.token === old.token) {
    if (claim.epoch !== old.epoch) return [`INV-1: ${id} changed its epoch under the same token`];
    return deed.agent === old.agent ? [] : [`INV-2: ${deed.agent} changed ${id}, which ${old.agent} holds`];
  }
  if (to !== "active" || claim?.epoch !== old.epoch + 1 || deed.verb !== "recover")
    return [`INV-1: ${deed.agent} (${deed.verb}) put a claim over the live one of ${old.agent} on ${id}`];
  if (!deed.forced && truth.isThere(old.agent))
    return [`${old.agent} was healthy, and ${id} was taken from it without anybody's word`];
  return [];
}

/** The work at the landed tip is on the base branch as it was. */
function judgeCompletion(objects: Objects, id: string, { tip, landed, landing }: Claim, base: string): string[] {
  const broken = landing ? [`INV-5: ${id} is completed with a landing under way`] : [];
  if (tip === null) return broken;
  const file = workFile(id);
  const done = entryAt(objects, commitOf(objects, tip).tree, file);
  if (done && landed.length === 0) broken.push(`INV-4: ${id} is completed, has work, and landed nothing`);
  if (done && entryAt(objects, commitOf(objects, base).tree, file)?.oid !== done.oid)
    broken.push(`INV-4: ${id} is completed, and ${file} on the base branch is another one`);
  return broken;
}

/** The file that belongs to a session alone. */
export function workFile(id: string): string {
  return `work/${id}.txt`;
}

function judgeBase(
  objects: Objects,
  { from, to }: Move,
  before: ReadonlyMap<string, SessionView>,
  now: ReadonlyMap<string, SessionView>,
  truth: Truth,
): string[] {
  const { parents, message, tree } = commitOf(objects, to);
  const id = /^Berth-Session: (.+)$/m.exec(message)?.[1] ?? "";
  const epoch = Number(/^Berth-Epoch: (\d+)$/m.exec(message)?.[1]);
  const broken: string[] = [];
  if (parents.length !== 1 || parents[0] !== from) broken.push(`the base branch moved to what is no squash on it`);
  const held = before.get(id);
  // Where the two move one after the other, a push that was announced may arrive after the claim has ended: it counts.
  if (truth.atomic && (stateOf(held) !== "active" || held?.claim?.epoch !== epoch))
    broken.push(
      `INV-2: work of ${id} at epoch ${epoch} landed, and it is ${stateOf(held)} at epoch ${held?.claim?.epoch}`,
    );
  const claim = now.get(id)?.claim;
  const told = [...(claim?.landed ?? []), ...(claim?.landing ? [claim.landing] : [])].some(
    ({ commit }) => commit === to,
  );
  if (!told) broken.push(`INV-5: ${id} landed, and the ledger does not say so`);
  if (!truth.verified.has(tree)) broken.push(`INV-4: ${id} landed a tree that was not verified`);
  if ([...filesOf(objects, tree).keys()].some((path) => path.startsWith(".session/")))
    broken.push(`${id} landed .session/`);
  return broken;
}

function judgeBranch(
  objects: Objects,
  { ref, from, to }: Move,
  now: ReadonlyMap<string, SessionView>,
  refs: ReadonlyMap<string, string>,
  deed: Deed,
  truth: Truth,
): string[] {
  const id = ref.slice("refs/heads/session/".length);
  const view = now.get(id);
  if (to === NOTHING) {
    const kept = isAncestor(objects, from, refs.get(LEDGER) ?? "");
    return kept ? [] : [`INV-3: ${ref} was deleted with commits that are nowhere else`];
  }
  if (from !== NOTHING && !isAncestor(objects, from, to)) return [`INV-3: ${ref} lost commits`];
  const own = deed.verb === "claim" || deed.verb === "recover";
  // Where the ledger goes first, an older holder's push may come before the newer one's: it takes nothing away.
  if (!truth.atomic || own || stateOf(view) !== "active" || deed.epoch === null) return [];
  if ((view?.claim?.epoch ?? 0) > deed.epoch)
    return [
      `INV-2: ${deed.agent} moved ${ref} at epoch ${deed.epoch}, and ${view?.claim?.agent} holds it at ${view?.claim?.epoch}`,
    ];
  return [];
}
