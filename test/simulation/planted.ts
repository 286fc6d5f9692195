import type { Berth } from "../../src/open.ts";
import { writeClaim } from "../../src/ledger/claim-record.ts";
import { FILE, folder } from "../../src/ledger/layout.ts";
import { message } from "../../src/ledger/message.ts";
import { fetchHub, publish, withTurn } from "../../src/ledger/publish.ts";
import { readClaim, readTip, requireFolder } from "../../src/ledger/tip.ts";
import { newToken } from "../../src/ledger/token.ts";
import { planOf } from "../../src/session/claim/win-claim.ts";
import { findHolding, requireHeld } from "../../src/session/holding.ts";
import { readWorkspaceTip } from "../../src/workspace/find.ts";

/** The verbs that the simulation may have done in another way. */
export interface Verbs {
  claim(berth: Berth, id: string): Promise<object>;
  complete(berth: Berth, id: string): Promise<object>;
  /** Takes a session from a holder that is gone, without a person's word. */
  reap(berth: Berth, id: string): Promise<object>;
}

/** As they are. */
export const soundVerbs: Verbs = {
  claim: (berth, id) => berth.claim({ id }),
  complete: (berth, id) => berth.complete({ id, commit: true, tick: ["all"] }),
  reap: (berth, id) => berth.recover({ id, takeOver: true }),
};

/**
 * Bugs that other systems for the same purpose have had, built from the product's own parts. None of them is a setting of
 * the product: they are put in place of a verb here, to show that the simulation would find them.
 */
export const planted: Readonly<Record<string, Verbs>> = {
  /** Whether the session is free is looked at before, and not where the claim is written. */
  "check-then-act claim": { ...soundVerbs, claim: claimWhatWasFree },
  /** The session is closed first, and its work lands afterwards. */
  "close before landed": { ...soundVerbs, complete: closeThenLand },
  /** Who was silent for two minutes is taken for dead. */
  "clock-only reaping": { ...soundVerbs, reap: reapTheSilent },
};

async function claimWhatWasFree({ project }: Berth, id: string): Promise<object> {
  await withTurn(project, () => fetchHub(project));
  const { change, record } = await planOf(project, await readTip(project), id, newToken());
  const { commit } = await publish(project, async (tip) => {
    const free = (await requireFolder(project, tip, id)).state !== "active";
    return { change: free ? change : { ...change, moves: [] } };
  });
  return { claim: { epoch: record.epoch, holder: record.agent, commit }, workspace: null };
}

async function closeThenLand(berth: Berth, id: string): Promise<object> {
  const { project } = berth;
  const holding = await findHolding(project, id, "complete");
  const found = await readWorkspaceTip(project, holding.workspace);
  await publish(project, async (tip) => {
    const { record } = await requireHeld(project, tip, holding);
    const ended = { how: "completed", at: record.claimedAt, reason: "" } as const;
    const own = { ...record, tip: found?.commit ?? record.tip, ended };
    return {
      change: {
        message: message(`[${id}] Complete session`, { session: id, agent: record.agent, epoch: record.epoch }),
        moves: [{ from: folder("active", id), to: folder("completed", id) }],
        files: { [folder("completed", id, FILE.claim)]: writeClaim(own) },
        lock: { remove: id },
        keeps: found ? [found.commit] : [],
      },
    };
  });
  return berth.land({ id });
}

const SILENT_MS = 120_000;

async function reapTheSilent(berth: Berth, id: string): Promise<object> {
  const { project } = berth;
  await withTurn(project, () => fetchHub(project));
  const record = await readClaim(project, await requireFolder(project, await readTip(project), id));
  const { agents } = await berth.agents({});
  const heard = agents.find((agent) => agent.id === record?.agent)?.beatAt ?? record?.claimedAt ?? "";
  const silent = project.clock.now() - Date.parse(heard) > SILENT_MS;
  return berth.recover({ id, takeOver: true, force: silent });
}
