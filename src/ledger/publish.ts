import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { unixSeconds } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { isAncestor, type RefUpdate, resolveCommit } from "../git/refs.ts";
import { type Project, reach, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { commitChange, type LedgerChange } from "./change.ts";
import { rememberFetch } from "./fetched.ts";
import { type Place, parseQueue, QUEUE_FILE } from "./landing-queue.ts";
import { type LedgerTip, readTip } from "./tip.ts";

/** What shall become true together: one ledger commit, and branches that move with it. */
export interface Proposal {
  readonly change: LedgerChange;
  /** Other branches of the hub that move in the same publication; given the ledger's new commit. */
  readonly also?: (commit: Oid) => Promise<readonly RefUpdate[]>;
  /** On a hub that cannot move branches together the ledger may go first and the others follow. */
  readonly ledgerFirst?: boolean;
}

export interface Published {
  readonly commit: Oid;
  /** The ledger before. */
  readonly tip: LedgerTip;
}

export interface PublishOptions {
  /** Called with the commit before it is sent: the place to store an intent. */
  readonly beforePush?: (commit: Oid) => Promise<void>;
  /** Branches to fetch beside the ledger and the base. */
  readonly branches?: readonly string[];
  /** The session that lands with this, or queues to land: it gives way to nobody behind it. */
  readonly lands?: string;
}

/** How long a process waits for its turn at a hub before it gives up. */
const TURN_MS = 600_000;
const REFUSALS = 3;

/**
 * The one way to change the ledger: fetch, decide, commit, push forward, and judge by reading back. `propose` decides
 * on the tip it is given, and is asked again on the new one when the tip only moved; it throws when the change has
 * become impossible (the session is another's). Processes of one machine take turns at a hub; machines meet in the
 * push, and retry with jitter.
 * @throws BerthError HUB_UNREACHABLE when it is not known whether the hub took the push: running the same verb again
 *   finds out; HUB_REFUSED when the hub would not take it, with nothing changed
 */
export async function publish(
  project: Project,
  propose: (tip: LedgerTip) => Promise<Proposal>,
  options: PublishOptions = {},
): Promise<Published> {
  const course: Course = {
    refusals: 0,
    cut: false,
    branches: options.branches ?? [],
    givesWay: false,
    outwaited: null,
  };
  for (let attempt = 0; ; attempt++) {
    if (course.givesWay) await giveWay(project, options.lands, course);
    else if (attempt > 0) await project.clock.sleep(jitter(project, attempt), project.signal);
    const published = await withTurn(project, () => tryOnce(project, propose, options, course));
    if (published) return published;
  }
}

/** What one attempt leaves for the next. */
interface Course {
  refusals: number;
  /** A push had no answer: it may still be on its way, and arrive after all. */
  cut: boolean;
  branches: readonly string[];
  /** Somebody goes first: before the next attempt there is a wait outside of the machine's turn. */
  givesWay: boolean;
  /** The place of one who was let go first and did not go: he may have died. */
  outwaited: string | null;
}

/** @returns null when the ledger moved first, or somebody goes first */
async function tryOnce(
  project: Project,
  propose: (tip: LedgerTip) => Promise<Proposal>,
  options: PublishOptions,
  course: Course,
): Promise<Published | null> {
  await fetchHub(project, course.branches);
  await reach(project, "ledger.fetched", project.hub.name);
  const tip = await readTip(project);
  const first = await ahead(project, tip, options.lands);
  const pushes = first?.ready === true && nameOf(first) !== course.outwaited;
  course.givesWay = first !== null && (pushes || !course.givesWay);
  if (course.givesWay) return null;
  const { change, also: more, ledgerFirst } = await propose(tip);
  const commit = await commitChange(project, tip, change, project.caller);
  const also = (await more?.(commit)) ?? [];
  course.branches = [...course.branches, ...also.map((u) => u.ref.slice("refs/heads/".length))];
  await options.beforePush?.(commit);
  await reach(project, "ledger.committed", change.message.split("\n")[0] ?? "");
  const ledger: RefUpdate = { ref: branchRef(project.config.ledger.branch), old: tip.commit, new: commit };
  let answer = await project.hub.publish([...also, ledger]);
  const inTurn = !answer.accepted && answer.notAtomic;
  if (inTurn && !ledgerFirst) throw notAtomic(project);
  if (inTurn) answer = await project.hub.publish([ledger]);
  if (answer.accepted) {
    if (inTurn) await follow(project, also);
    await reach(project, "ledger.published", commit);
    return { commit, tip };
  }
  // Not proven: what the hub holds now decides, never the words of the answer.
  await fetchHub(project, course.branches);
  const now = await readTip(project);
  if (await isAncestor(project.git, commit, now.commit)) {
    if (inTurn) await follow(project, also);
    return { commit, tip };
  }
  const limit = isLocked(answer.said) ? 2 * REFUSALS : REFUSALS;
  course.cut ||= answer.cut;
  if (now.commit === tip.commit && (await unmoved(project, also)) && ++course.refusals >= limit) {
    const branches = [...also.map((u) => u.ref.slice("refs/heads/".length)), project.config.ledger.branch];
    throw course.cut ? unanswered(project, answer.said, branches) : refused(project, answer.said, branches);
  }
  return null;
}

/** The first in the landing queue, where that is another session than the one that is landing. */
async function ahead(project: Project, tip: LedgerTip, lands: string | undefined): Promise<Place | null> {
  const queue = tip.root.get(QUEUE_FILE);
  if (!queue) return null;
  const text = (await project.objects.read(queue.oid))?.data.toString("utf8") ?? "";
  const [first] = parseQueue(text, unixSeconds(project.clock.now()));
  return first && first.session !== lands ? first : null;
}

/** So long the others hold back for one who is about to land: far longer than a push takes. */
const GIVE_WAY_MS = 10_000;

/**
 * On a busy hub a landing, which is the longest of all changes, would lose to short ones again and again. While anybody
 * queues, the others come a little later; while the first pushes, they wait, outside of the machine's turn.
 */
async function giveWay(project: Project, lands: string | undefined, course: Course): Promise<void> {
  const { clock, signal } = project;
  const first = await ahead(project, await readTip(project), lands);
  if (!first) return;
  if (!first.ready || nameOf(first) === course.outwaited) return clock.sleep(50 + 250 * clock.random(), signal);
  const until = clock.now() + GIVE_WAY_MS;
  for (;;) {
    await clock.sleep(80 + 120 * clock.random(), signal);
    await withTurn(project, () => fetchHub(project));
    const now = await ahead(project, await readTip(project), lands);
    if (!now?.ready || nameOf(now) !== nameOf(first)) return;
    if (clock.now() > until) {
      course.outwaited = nameOf(first);
      return;
    }
  }
}

/** Tells one taking of a place from the next. */
function nameOf({ session, epoch, expires }: Place): string {
  return `${session}:${epoch}:${expires}`;
}

/** On a hub that cannot move branches together those that fence follow the ledger, also where its push had no answer. */
async function follow(project: Project, also: readonly RefUpdate[]): Promise<void> {
  for (const update of also) await project.hub.publish([update]);
}

/** Runs `work` while this process alone of the machine writes to the hub. */
export async function withTurn<T>(project: Project, work: () => Promise<T>): Promise<T> {
  const local = join(stateDir(project), "locks", "hub.lock");
  const shared = join(project.machineDir, `hub-${project.hub.id}.lock`);
  const file = project.hub.kind === "remote" && (await writable(project.machineDir)) ? shared : local;
  const what = `its turn at ${project.hub.name}`;
  return withMutex(file, { clock: project.clock, waitMs: TURN_MS, what, signal: project.signal }, work);
}

/** A machine-wide folder that a sandbox forbids costs only the queue; the push itself decides. */
async function writable(dir: string): Promise<boolean> {
  return mkdir(dir, { recursive: true, mode: 0o700 }).then(
    () => true,
    () => false,
  );
}

/** Fetches the ledger and the base, and notes when. */
export async function fetchHub(project: Project, more: readonly string[] = []): Promise<void> {
  const { config, hub } = project;
  const always = [...new Set([config.base, config.ledger.branch])];
  await hub.fetch(
    always,
    more.filter((branch) => !always.includes(branch)),
  );
  await rememberFetch(project);
}

async function unmoved(project: Project, also: readonly RefUpdate[]): Promise<boolean> {
  for (const update of also) {
    const seen = project.hub.seen(update.ref.slice("refs/heads/".length));
    if ((await resolveCommit(project.objects, seen)) !== update.old) return false;
  }
  return true;
}

function jitter(project: Project, attempt: number): number {
  return Math.min(20 * 2 ** Math.min(attempt, 4), 200) * (0.3 + project.clock.random());
}

function notAtomic(project: Project): BerthError {
  return new BerthError("HUB_REFUSED", `${project.hub.name} cannot move two branches at once.`, {
    hint: "Nothing was changed. `berth doctor` says what the hub can do.",
    facts: { atomic: false },
  });
}

/** A push without an answer proves nothing: what it asked for may come true later, and the next run finds it. */
export function unanswered(project: Project, said: string, branches: readonly string[]): BerthError {
  return new BerthError(
    "HUB_UNREACHABLE",
    `${project.hub.name} gave no answer when ${branches.join(" and ")} was to move: whether it will is not known yet.${wordsOf(said)}`,
    {
      hint: "Run the same command again: it finds out. If this stays so, the right to push may be missing: berth doctor",
      facts: { branches, said },
    },
  );
}

function wordsOf(said: string): string {
  const word = said.split("\n").find((line) => /^(?:fatal|error|remote):/.test(line)) ?? "";
  return word && ` It said: ${word.trim().slice(0, 200)}`;
}

function refused(project: Project, said: string, branches: readonly string[]): BerthError {
  const hint = isLocked(said)
    ? "A lock file is in the way, which a git command that ended may have left there: berth doctor names it."
    : "Ask for the right to push these branches, or see what the hub allows with: berth doctor";
  const word = said.split("\n").find((line) => /reject|declin|denied|not allowed|protected/i.test(line)) ?? "";
  return new BerthError(
    "HUB_REFUSED",
    `${project.hub.name} refused to move ${branches.join(" and ")}; nothing was changed.${word && ` It said: ${word.trim().slice(0, 200)}`}`,
    { hint, facts: { branches, said } },
  );
}

/** Somebody else's command of git holds a reference, for a moment or for ever. */
function isLocked(said: string): boolean {
  return /cannot lock ref|failed to update ref|\.lock'?: File exists/.test(said);
}
