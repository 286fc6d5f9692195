import { unixSeconds } from "../../clock.ts";
import { message } from "../../ledger/message.ts";
import { type Place, parseQueue, QUEUE_FILE, writeQueue } from "../../ledger/landing-queue.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { findFolder, type LedgerTip, readFileAt, readTip } from "../../ledger/tip.ts";
import { fetchHub, type Proposal, publish, withTurn } from "../../ledger/publish.ts";
import type { Project } from "../../project.ts";
import { type Holding, requireHeld } from "../holding.ts";

/** Thrown by a landing's proposal when another session has the next place: wait, do not push. */
export class NotMyTurn extends Error {
  override readonly name = "NotMyTurn";
  readonly first: Place;
  constructor(first: Place) {
    super(`${first.session} lands first`);
    this.first = first;
  }
}

/** The places that hold, of sessions that are still active. */
export async function placesAt(project: Project, tip: LedgerTip): Promise<Place[]> {
  const text = (await readFileAt(project, tip.tree, QUEUE_FILE)) ?? "";
  const places: Place[] = [];
  for (const place of parseQueue(text, unixSeconds(project.clock.now()))) {
    if ((await findFolder(project, tip, place.session))?.state === "active") places.push(place);
  }
  return places;
}

/** @throws NotMyTurn when another session holds the first place */
export function requireTurn(places: readonly Place[], id: string): void {
  const first = places[0];
  if (first && first.session !== id) throw new NotMyTurn(first);
}

/**
 * Takes, or renews, a place in the landing queue. It expires by itself, so that nobody waits for a dead lander.
 * @param verifyMs how long the last verification took: the place must outlast the next one
 * @param options.ready the session is next and has verified: until it has pushed, or ten seconds, others hold back
 * @throws NotMyTurn for `ready` out of turn
 */
export async function takePlace(
  project: Project,
  holding: Holding,
  verifyMs: number,
  options: { readonly ready?: boolean } = {},
): Promise<void> {
  const seconds = Math.min(project.config.landing.place, 30 + Math.ceil((verifyMs * 4) / 1000));
  const propose = async (tip: LedgerTip): Promise<Proposal> => {
    const { record } = await requireHeld(project, tip, holding);
    const expires = unixSeconds(project.clock.now()) + seconds;
    const mine: Place = { session: holding.id, epoch: record.epoch, expires, ready: options.ready ?? false };
    const others = await placesAt(project, tip);
    if (options.ready) requireTurn(others, holding.id);
    const at = others.findIndex((p) => p.session === holding.id);
    const places = at < 0 ? [...others, mine] : others.with(at, mine);
    const what = options.ready ? "Next to land" : "Take a place in the landing queue";
    return { change: queueChange(record, what, { [QUEUE_FILE]: writeQueue(places) }) };
  };
  await publish(project, propose, { lands: holding.id });
}

/** Gives the place up, where there is one. */
export async function leavePlace(project: Project, holding: Holding): Promise<void> {
  await withTurn(project, () => fetchHub(project));
  const places = await placesAt(project, await readTip(project));
  if (!places.some((p) => p.session === holding.id)) return;
  await publish(project, async (tip) => {
    const { record } = await requireHeld(project, tip, holding);
    const files = withoutPlace(await placesAt(project, tip), holding.id);
    return { change: queueChange(record, "Leave the landing queue", files) };
  });
}

function queueChange(record: ClaimRecord, what: string, files: LedgerChange["files"]): LedgerChange {
  const { session, agent, epoch } = record;
  return { message: message(`[${session}] ${what}`, { session, agent, epoch }), moves: [], files, keeps: [] };
}

/** The queue without a session, as a file of a change; nothing when it has no place. */
export function withoutPlace(places: readonly Place[], id: string): Record<string, string | null> {
  if (!places.some((p) => p.session === id)) return {};
  const rest = places.filter((p) => p.session !== id);
  return { [QUEUE_FILE]: rest.length === 0 ? null : writeQueue(rest) };
}
