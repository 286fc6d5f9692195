import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import { branchRef, type Oid } from "../../git/names.ts";
import { isAncestor, resolveCommit } from "../../git/refs.ts";
import type { LedgerChange } from "../../ledger/change.ts";
import { type ClaimRecord, type Landing, writeClaim } from "../../ledger/claim-record.ts";
import { FILE, folder } from "../../ledger/layout.ts";
import { message } from "../../ledger/message.ts";
import { fetchHub, type Proposal, publish, unanswered, withTurn } from "../../ledger/publish.ts";
import { type LedgerTip, readTip } from "../../ledger/tip.ts";
import { baseRef, type Project, reach } from "../../project.ts";
import { type Held, type Holding, requireHeld } from "../holding.ts";
import { noBase } from "../no-base.ts";
import { leavePlace, NotMyTurn, placesAt, requireTurn, takePlace, withoutPlace } from "./place.ts";
import { makeSquash, type Squash } from "./squash.ts";
import { verifyTree } from "./verify.ts";

/** What to land, and what the ledger shall say once it is landed. */
export interface LandingOrder {
  readonly holding: Holding;
  readonly tip: Oid;
  readonly title: string;
  readonly message: string | undefined;
  /** Commands that must pass on the tree that lands, in this order. */
  readonly verify: readonly string[];
  /** Builds the ledger's change for a landing; `record` has it in its list already. */
  readonly change: (tip: LedgerTip, held: Held, record: ClaimRecord, squash: Squash) => Promise<LedgerChange>;
}

export interface Landed {
  readonly squash: Squash;
  readonly ledger: Oid;
  /** How often the base branch moved first, or another session's turn had come. */
  readonly losses: number;
}

/** Thrown by a proposal when the base branch is no longer where the squash was made. */
class BaseMoved extends Error {
  override readonly name = "BaseMoved";
}

const LOSSES_BEFORE_QUEUE = 2;

/**
 * Lands a session's tip: merge, gates and verification outside of any lock, then one publication of base branch and
 * ledger together. When the base branch moved first it all starts again, verifying only a tree that is new; after two
 * losses the session takes a place in the landing queue, and nobody passes it there.
 */
export async function landTip(project: Project, order: LandingOrder): Promise<Landed> {
  try {
    return await landInTurn(project, order);
  } catch (error) {
    // Who cannot land now does not stand in the others' way. A place that cannot be given up expires by itself.
    await leavePlace(project, order.holding).catch(() => undefined);
    throw error;
  }
}

async function landInTurn(project: Project, order: LandingOrder): Promise<Landed> {
  let losses = 0;
  let verifyMs = 0;
  let renewed = 0;
  for (;;) {
    await withTurn(project, () => fetchHub(project));
    const tip = await readTip(project);
    const held = await requireHeld(project, tip, order.holding);
    await requireOwnLanding(project, order, held);
    const base = await requireBase(project);
    const places = await placesAt(project, tip);
    const queued = places.some((p) => p.session === order.holding.id);
    if (!queued && (losses >= LOSSES_BEFORE_QUEUE || places.length > 0)) {
      await takePlace(project, order.holding, verifyMs);
      renewed = project.clock.now();
      continue;
    }
    if (queued && places[0]?.session !== order.holding.id) {
      renewed = await waitForTurn(project, order.holding, verifyMs, renewed);
      continue;
    }
    const work = { id: order.holding.id, held, tip: order.tip, base, title: order.title, message: order.message };
    const squash = await makeSquash(project, work);
    if (squash.commit) verifyMs = Math.max(verifyMs, await verifyTree(project, squash.commit, squash.tree, order));
    try {
      // Whoever had to queue has lost races enough: for the push the others are asked to wait.
      if (queued) await takePlace(project, order.holding, verifyMs, { ready: true });
      return { ...(await publishLanding(project, order, squash)), losses };
    } catch (error) {
      if (!(error instanceof BaseMoved) && !(error instanceof NotMyTurn)) throw error;
      losses += 1;
    }
  }
}

/** Another run landed this session meanwhile: its squash must come into the branch before this one may land. */
async function requireOwnLanding(project: Project, order: LandingOrder, held: Held): Promise<void> {
  const last = held.record.landed.at(-1);
  if (!last || (await isAncestor(project.git, last.commit, order.tip))) return;
  throw new BerthError(
    "FAILED",
    `${order.holding.id} was landed by another run meanwhile (${last.commit.slice(0, 10)}).`,
    {
      hint: "Run the same command again: it goes on from there.",
      facts: { session: order.holding.id, landed: last.commit },
    },
  );
}

/** Waits a moment behind the first place, and renews the own one before it expires. */
async function waitForTurn(project: Project, holding: Holding, verifyMs: number, renewed: number): Promise<number> {
  await project.clock.sleep(150 + 150 * project.clock.random(), project.signal);
  if (project.clock.now() - renewed < 15_000) return renewed;
  await takePlace(project, holding, verifyMs);
  return project.clock.now();
}

async function requireBase(project: Project): Promise<Oid> {
  const base = await resolveCommit(project.objects, baseRef(project));
  if (base) return base;
  throw noBase(project);
}

async function publishLanding(project: Project, order: LandingOrder, squash: Squash): Promise<Omit<Landed, "losses">> {
  const ref = branchRef(project.config.base);
  const propose = async (tip: LedgerTip): Promise<Proposal> => {
    const held = await requireHeld(project, tip, order.holding);
    if ((await requireBase(project)) !== squash.base) throw new BaseMoved("the base branch moved");
    requireTurn(await placesAt(project, tip), order.holding.id);
    const change = await landingChange(project, order, tip, held, squash);
    const base = squash.commit ? [{ ref, old: squash.base, new: squash.commit }] : [];
    return { change, also: () => Promise.resolve(base) };
  };
  try {
    const { commit } = await publish(project, propose, { lands: order.holding.id });
    await reach(project, "land.published", squash.commit ?? "nothing new");
    return { squash, ledger: commit };
  } catch (error) {
    const single = error instanceof BerthError && error.code === "HUB_REFUSED" && error.facts["atomic"] === false;
    if (!single || !squash.commit) throw error;
    return landInSteps(project, order, { ...squash, commit: squash.commit });
  }
}

async function landingChange(
  project: Project,
  order: LandingOrder,
  tip: LedgerTip,
  held: Held,
  squash: Squash,
): Promise<LedgerChange> {
  const at = isoSeconds(project.clock.now());
  const before = held.record.landed;
  const known = squash.commit === null || before.some((l) => l.commit === squash.commit);
  const landed: readonly Landing[] = known ? before : [...before, { commit: squash.commit, tip: order.tip, at }];
  const change = await order.change(tip, held, { ...held.record, landed, landing: null, tip: order.tip }, squash);
  const queue = withoutPlace(await placesAt(project, tip), order.holding.id);
  return { ...change, files: { ...change.files, ...queue }, keeps: [order.tip, ...change.keeps] };
}

/**
 * For a hub that cannot move two branches at once: the ledger announces the landing, the base branch moves, the ledger
 * completes it. Whoever finds an announced landing on the base branch knows it as landed (INV-5).
 */
async function landInSteps(
  project: Project,
  order: LandingOrder,
  squash: Squash & { commit: Oid },
): Promise<Omit<Landed, "losses">> {
  const landing: Landing = { commit: squash.commit, tip: order.tip, at: isoSeconds(project.clock.now()) };
  await publish(
    project,
    async (tip) => {
      const held = await requireHeld(project, tip, order.holding);
      if ((await requireBase(project)) !== squash.base) throw new BaseMoved("the base branch moved");
      requireTurn(await placesAt(project, tip), order.holding.id);
      // With the tip: whoever takes over before the ledger says more goes on from there, as the landing may be true by then.
      return { change: announcement(order.holding.id, { ...held.record, tip: order.tip, landing }) };
    },
    { lands: order.holding.id },
  );
  await reach(project, "land.announced", squash.commit);
  await moveBase(project, order.holding, squash);
  await reach(project, "land.base-moved", squash.commit);
  const { commit } = await publish(
    project,
    async (tip) => {
      const held = await requireHeld(project, tip, order.holding);
      return { change: await landingChange(project, order, tip, held, squash) };
    },
    { lands: order.holding.id },
  );
  await reach(project, "land.published", squash.commit);
  return { squash, ledger: commit };
}

/**
 * The claim as it stands now, for a verb that lands. A landing that was announced, and whose push had no answer, may
 * arrive for as long as the base branch stands where it was made: it goes first then, so that no announcement makes room
 * for another one, or for none, before that can no longer happen (INV-5).
 */
export async function heldToLand(project: Project, holding: Holding): Promise<Held> {
  const held = await requireHeld(project, await readTip(project), holding);
  const { landing } = held.record;
  if (!landing) return held;
  const base = await requireBase(project);
  const header = (await project.objects.read(landing.commit))?.data.toString("latin1").split("\n\n")[0] ?? "";
  if (!header.split("\n").includes(`parent ${base}`)) return held;
  await moveBase(project, holding, { base, commit: landing.commit }).catch((error: unknown) => {
    if (!(error instanceof BaseMoved)) throw error;
  });
  return requireHeld(project, await readTip(project), holding);
}

async function moveBase(project: Project, holding: Holding, squash: { base: Oid; commit: Oid }): Promise<void> {
  await withTurn(project, async () => {
    // The announcement may have been overtaken by a new holder's claim: then his landing decides.
    await fetchHub(project);
    await requireHeld(project, await readTip(project), holding);
    const update = { ref: branchRef(project.config.base), old: squash.base, new: squash.commit };
    const answer = await project.hub.publish([update]);
    if (answer.accepted) return;
    await fetchHub(project);
    const now = await requireBase(project);
    if (await isAncestor(project.git, squash.commit, now)) return;
    if (now !== squash.base) throw new BaseMoved("the base branch moved");
    if (answer.cut) throw unanswered(project, answer.said, [project.config.base]);
    throw new BerthError(
      "HUB_REFUSED",
      `${project.hub.name} refused to move ${project.config.base}; nothing was landed.`,
      {
        hint: "Ask for the right to push this branch; the session stays active.",
        facts: { branches: [project.config.base], said: answer.said },
      },
    );
  });
}

function announcement(id: string, record: ClaimRecord): LedgerChange {
  return {
    message: message(`[${id}] Announce a landing`, { session: id, agent: record.agent, epoch: record.epoch }),
    moves: [],
    files: { [folder("active", id, FILE.claim)]: writeClaim(record) },
    // Also the squash: whoever holds the session next must be able to finish it.
    keeps: record.landing ? [record.landing.tip, record.landing.commit] : [],
  };
}
