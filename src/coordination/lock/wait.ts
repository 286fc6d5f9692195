import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Store, Writing } from "../../store/store.ts";
import { reclaim } from "../agent/reclaim.ts";
import { circle, type Wish } from "./decide.ts";
import { type Refusal, refusalOf, type Terms, timedOut, tryGrant } from "./grant.ts";
import { tellFree } from "./interest.ts";
import { type Hold, readHolds, readWaiters, WAITER_MS } from "./hold.ts";

/** As often at least a waiter looks, also whether those before it are still alive. */
const LOOK_MS = 1000;

/**
 * Waits in the queue until a wish is granted. Each change of the live layer is a reason to look; only who has a chance,
 * or has to hold its place, writes.
 * @throws BerthError TIMED_OUT, DEADLOCK
 */
export async function waitFor(
  project: Project,
  store: Store,
  wish: Wish,
  terms: Terms & { readonly waitMs: number },
): Promise<readonly Hold[]> {
  // By a clock that cannot be set; what stands in the store goes by the store's.
  const deadline = performance.now() + terms.waitMs;
  const listening = await store.listen();
  let turn = wish;
  try {
    let answer: Refusal | null = null;
    let stood = Number.NEGATIVE_INFINITY;
    let judged = performance.now();
    for (;;) {
      const now = performance.now();
      const due: boolean = now - stood >= WAITER_MS / 3;
      answer = due ? null : await store.read(async (tx) => refusalOf(tx, turn, await readHolds(tx)));
      if (answer === null) {
        stood = now;
        const tried = await store.write((tx) => stand(tx, turn, terms));
        turn = { ...wish, ticket: tried.ticket };
        if (tried.ticket === null) return tried.answer;
        answer = tried.answer;
      }
      const left = deadline - performance.now();
      if (left <= 0) throw timedOut(wish, answer, terms.waitMs);
      if (now - judged >= LOOK_MS) {
        judged = now;
        // Writes for the dead alone, so that those who wait do not wake each other.
        const inTheWay = new Set([...answer.holders, ...answer.before].map(({ agent }) => agent));
        if ((await reclaim(project, wish.agent, inTheWay)).length > 0) continue;
      }
      const { now: there } = answer;
      const soonest = Math.min(...answer.holders.map(({ expires }) => expires - there), LOOK_MS, left);
      await listening.wake(Math.max(5, soonest), project.signal);
    }
  } finally {
    await listening.close();
    const { ticket } = turn;
    if (ticket !== null) await store.write((tx) => giveUp(tx, turn, ticket));
  }
}

type Stood = { readonly ticket: null; readonly answer: Hold[] } | { readonly ticket: number; readonly answer: Refusal };

/**
 * Takes the locks, or the place in the queue, or holds it: also that of one who was taken for dead while its machine
 * slept. Nobody enters whose wait would close a circle.
 */
async function stand(tx: Writing, wish: Wish, terms: Terms & { readonly waitMs: number }): Promise<Stood> {
  const answer = await tryGrant(tx, wish, terms);
  if (Array.isArray(answer)) {
    await tx.run("delete from waiter where project = $1 and ticket = $2", tx.project, wish.ticket ?? 0);
    return { ticket: null, answer };
  }
  await requireNoCircle(tx, wish);
  const data = { paths: wish.paths.map(({ path }) => path), mode: wish.mode, waitMs: terms.waitMs };
  const ticket =
    wish.ticket ?? (await tx.append({ kind: "lock.waiting", subject: wish.agent, agent: wish.agent, data }));
  await tx.run(
    `insert into waiter (project, ticket, agent, wanted, mode, until) values ($1, $2, $3, $4, $5, $6)
     on conflict (project, ticket) do update set until = $6`,
    tx.project,
    ticket,
    wish.agent,
    JSON.stringify(wish.paths),
    wish.mode,
    tx.now + WAITER_MS,
  );
  return { ticket, answer };
}

/** Those behind are told by the feed, as it may be their turn. */
async function giveUp(tx: Writing, { agent, paths }: Wish, ticket: number): Promise<void> {
  const left = await tx.run("delete from waiter where project = $1 and ticket = $2", tx.project, ticket);
  if (left === 0) return;
  await tx.append({ kind: "lock.gave-up", subject: agent, agent, data: { ticket } });
  await tellFree(tx, paths);
}

/** @throws BerthError DEADLOCK to the one who came last of those in the circle; the others wait on */
async function requireNoCircle(tx: Writing, wish: Wish): Promise<void> {
  const waiters = await readWaiters(tx);
  const agents = circle(wish, await readHolds(tx), waiters);
  if (agents === null) return;
  const later = waiters.some(({ agent, ticket }) => agents.includes(agent) && ticket > (wish.ticket ?? Infinity));
  if (later) return;
  throw new BerthError("DEADLOCK", `${agents.join(" waits for ")} waits for ${wish.agent}: nobody would ever go on.`, {
    hint: "Unlock what you hold, then lock all that you need in one call.",
    facts: { agents },
  });
}
