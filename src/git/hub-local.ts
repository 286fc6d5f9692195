import { BerthError } from "../errors.ts";
import type { Progress } from "../progress.ts";
import { shortHash } from "../hash.ts";
import { type Bringing, noteBringing, settleBringings } from "./bringing.ts";
import { bringFiles, overlapsOf } from "./checkout.ts";
import type { Hub, HubFinding, Publication } from "./hub.ts";
import { branchRef } from "./names.ts";
import { inTheWayOf } from "./name-room.ts";
import type { ObjectReader } from "./objects.ts";
import { isAncestor, moveRefs, type RefUpdate } from "./refs.ts";
import { type Git, run } from "./run.ts";
import { listWorktrees } from "./worktree.ts";

/**
 * The local repository as hub: references move in one `update-ref` transaction. A checkout of a moved branch is brought
 * along first, with a journal, so that no checkout is ever left behind its branch. Callers queue: one publication at a
 * time in a repository.
 * @param options.journal a folder of ours below the shared git directory
 */
export function openLocalHub(
  git: Git,
  objects: ObjectReader,
  commonDir: string,
  options: { readonly journal: string; readonly progress: Progress },
): Hub {
  return {
    kind: "local",
    name: commonDir,
    get id() {
      return shortHash(commonDir);
    },
    seen: branchRef,
    fetch: () => settleBringings(git, objects, options.journal),
    publish: (updates) => publish(git, objects, options, updates),
    defaultBranch: async () => {
      const { stdout } = await run(git, ["symbolic-ref", "--quiet", "--short", "HEAD"], { accept: [1] });
      return stdout.toString("utf8").trim() || null;
    },
    inspect: (branches) => inspect(objects, branches),
  };
}

async function inspect(objects: ObjectReader, branches: readonly string[]): Promise<readonly HubFinding[]> {
  const findings = [
    { name: "hub", ok: true, detail: "no remote: this repository is the hub", fix: null as string | null },
  ];
  for (const branch of [...branches, "session/x"]) {
    const blocking = (await inTheWayOf(objects, branchRef(branch)))?.slice("refs/heads/".length);
    if (blocking === undefined) continue;
    const detail = `there is a branch "${blocking}", beside which git has no ${blocking}/…`;
    findings.push({
      name: "hub-branches",
      ok: false,
      detail,
      fix: `Rename it: git branch -m ${blocking} ${blocking}-old`,
    });
  }
  return findings;
}

async function publish(
  git: Git,
  objects: ObjectReader,
  options: { readonly journal: string; readonly progress: Progress },
  updates: readonly RefUpdate[],
): Promise<Publication> {
  for (const update of updates) {
    if (update.old && update.new && !(await isAncestor(git, update.old, update.new))) {
      return { accepted: false, said: `${update.ref} would not move forward`, cut: false, notAtomic: false };
    }
  }
  const plans = await checkoutsOf(git, updates);
  for (const plan of plans) {
    const paths = await overlapsOf(git, plan.checkout, plan.old, plan.new);
    if (paths.length > 0) throw overlap(plan.checkout, paths);
  }
  try {
    for (const plan of plans) {
      await noteBringing(options.journal, plan);
      await options.progress({ name: "checkout.noted", detail: plan.checkout });
      await bringFiles(git, plan.checkout, plan.old, plan.new);
      await options.progress({ name: "checkout.brought", detail: plan.checkout });
    }
    const { moved, said } = await moveRefs(git, updates, "berth: publish");
    return moved ? { accepted: true } : { accepted: false, said, cut: false, notAtomic: false };
  } finally {
    if (plans.length > 0) await settleBringings(git, objects, options.journal);
  }
}

/** The checkouts of branches that move. */
async function checkoutsOf(git: Git, updates: readonly RefUpdate[]): Promise<Bringing[]> {
  const plans: Bringing[] = [];
  for (const w of await listWorktrees(git)) {
    const update = updates.find((u) => u.ref === w.branch);
    if (w.bare || w.prunable || !update?.old || !update.new) continue;
    plans.push({ checkout: w.path, ref: update.ref, old: update.old, new: update.new });
  }
  return plans;
}

function overlap(checkout: string, paths: readonly string[]): BerthError {
  return new BerthError(
    "CHECKOUT_OVERLAP",
    `The checkout ${checkout} holds local edits of files that this would change: ${paths.slice(0, 5).join(", ")}.`,
    {
      hint: "Commit those files there, or move them away, and run the same command again. Nothing was changed.",
      facts: { checkout, paths },
    },
  );
}
