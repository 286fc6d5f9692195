import { join } from "node:path";
import type { Berth } from "../../open.ts";
import { shellWord } from "../../shell-word.ts";
import type { Hand } from "./crew.ts";
import { makeClone, type Place } from "./place.ts";
import { git } from "./plain-git.ts";
import { WORK } from "./work.ts";

/** Half of the agents share one clone, in worktrees of it; each of the others has a clone of its own. */
export async function makeClones(place: Place, agents: readonly string[]): Promise<Hand[]> {
  const shared = await makeClone(place, "harbour");
  await setUp(place, shared, true);
  const hands: Hand[] = [];
  for (const [at, agent] of agents.entries()) {
    if (at < Math.floor(agents.length / 2)) hands.push({ agent, clone: shared });
    else {
      const clone = await makeClone(place, `clone-of-${agent}`);
      await setUp(place, clone, false);
      hands.push({ agent, clone });
    }
  }
  return hands;
}

/** `berth init`, and what it asks to be committed; the first clone brings the settings for all. */
async function setUp(place: Place, clone: string, first: boolean): Promise<void> {
  // Node's own test runner, by the path of the Node that runs this: another one may come first on PATH.
  const verify = `cd ./${place.prefix} && ${shellWord(process.execPath)} --test --test-isolation=none`;
  // Clones of one machine see each other in one store.
  const settings = { landing: { verify }, project: "harbour-demo", store: { path: join(place.dir, "live") } };
  await withBerth(place, clone, (berth) => berth.init(first ? settings : {}));
  if (!first) return;
  await git(place.plain, clone, "add", "--all");
  await git(place.plain, clone, "commit", "--quiet", "--message=Set up Berth");
  await git(place.plain, clone, "push", "--quiet", "origin", "HEAD:refs/heads/main");
}

/** Drafts every session and offers it. */
export async function planWork(place: Place, hands: readonly Hand[], date: string): Promise<void> {
  await withBerth(place, hands[0]?.clone ?? place.hub, async (berth) => {
    for (const { slug, title, priority, context, criterion, paths, depends, capability } of WORK) {
      const id = `${date}-${slug}`;
      await berth.draft({
        id,
        title,
        priority,
        context,
        criteria: [criterion],
        capabilities: capability === undefined ? [] : [capability],
        paths: paths.map((path) => place.prefix + path),
        depends: depends === undefined ? [] : [`${date}-${depends}`],
      });
      await berth.ready({ id });
    }
  });
}

async function withBerth<T>(place: Place, clone: string, work: (berth: Berth) => Promise<T>): Promise<T> {
  const { openBerth } = await import("../../open.ts");
  const { env, signal } = place.plain;
  const berth = await openBerth(clone, { env, signal, machineDir: env["BERTH_HOME"] ?? place.dir });
  try {
    return await work(berth);
  } finally {
    berth.close();
  }
}
