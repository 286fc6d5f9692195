/** Runs git in the hub, and gives what it prints. */
type AskGit = (...args: string[]) => string;

interface Folder {
  readonly state: string;
  readonly id: string;
  readonly files: readonly string[];
  /** The text of the claim record; null where there is none. */
  readonly claim: string | null;
}

const STATES = ["drafting", "planned", "active", "completed", "abandoned"];

/**
 * What is wrong with a hub, as plain git tells it: nothing of the product is asked, nor its words for files.
 * - INV-1: every session stands in one folder; those that are active have one record and one line in the lock file each,
 *   and nobody else has a line.
 * - INV-2: along the history of the ledger the epoch of a session only rises.
 * - INV-3: every tip that a record names, and every second parent of the ledger, is there (an ended session's commits
 *   are reachable through it); what is reachable from references is whole (`git fsck`).
 * - INV-4: a completed session's landings are on the base branch, each with the tree that its squash has.
 * - INV-5: a landing that the base branch has is listed in the session's record, or announced there.
 * - INV-6: what a clone believes the ledger to be is on the hub ({@link cloneFaults}).
 * - INV-8: no document in a session's folder is empty, and each record has an epoch and an agent.
 * - INV-9: each commit of the ledger names its agent, and each record who holds the session.
 * - INV-10: each step of the ledger changes one session's folder, and no other one's, but when it ends one and opens
 *   what came of it.
 *
 * INV-7 is in the live layer alone: `store-invariants.ts`.
 */
export function hubFaults(git: AskGit): string[] {
  const folders = foldersOf(git);
  return [
    ...broken(git),
    ...claimFaults(git, folders),
    ...historyFaults(git),
    ...landingFaults(git, folders),
    ...documentFaults(git, folders),
  ];
}

/** What a clone took for published is published. */
export function cloneFaults(hub: AskGit, clone: AskGit): string[] {
  const seen = clone("for-each-ref", "--format=%(objectname)", "refs/remotes/origin/berth/ledger");
  return seen === "" || says(hub, "merge-base", "--is-ancestor", seen, "berth/ledger")
    ? []
    : [`INV-6: a clone believes in the ledger ${seen}, which the hub does not have`];
}

function broken(git: AskGit): string[] {
  return says(git, "fsck", "--connectivity-only", "--no-dangling") ? [] : ["INV-3: something reachable is missing"];
}

function says(git: AskGit, ...args: string[]): boolean {
  try {
    git(...args);
    return true;
  } catch {
    return false;
  }
}

function foldersOf(git: AskGit): Folder[] {
  const paths = git("ls-tree", "-r", "--name-only", "berth/ledger").split("\n");
  const parts = paths.map((path) => path.split("/")).filter(([state = "", , file]) => STATES.includes(state) && file);
  const names = new Set(parts.map(([state, id]) => `${state}/${id}`));
  return [...names].map((name) => {
    const [state = "", id = ""] = name.split("/");
    const files = paths.filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1));
    const claim = files.includes("claim.yaml") ? git("show", `berth/ledger:${name}/claim.yaml`) : null;
    return { state, id, files, claim };
  });
}

function claimFaults(git: AskGit, folders: readonly Folder[]): string[] {
  const locked = git("show", "berth/ledger:sessions.lock")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":")[0] ?? "");
  const ids = [...new Set([...folders.map(({ id }) => id), ...locked])];
  return ids.flatMap((id) => {
    const places = folders.filter((folder) => folder.id === id);
    const active = places.filter(({ state }) => state === "active").length;
    const lines = locked.filter((one) => one === id).length;
    return [
      ...(places.length === 1
        ? []
        : [`INV-1: ${id} stands in ${places.map(({ state }) => state).join(", ") || "none"}`]),
      ...(lines === active ? [] : [`INV-1: ${id} has ${lines} lines in the lock file, and is ${active} times active`]),
      ...places
        .filter(({ state, claim }) => state === "active" && claim === null)
        .map(() => `INV-1: nobody holds ${id}, which is active`),
    ];
  });
}

/** Each step of the ledger, from the first: its epochs, who made it, whose folders it changed, and what it keeps. */
function historyFaults(git: AskGit): string[] {
  const faults: string[] = [];
  const epochs = new Map<string, number>();
  const steps = git("log", "--reverse", "--first-parent", "--format=%H %P", "berth/ledger").split("\n");
  for (const [i, line] of steps.entries()) {
    const [commit = "", ...parents] = line.split(" ");
    const changed = i === 0 ? [] : git("diff-tree", "-r", "--name-only", parents[0] ?? "", commit).split("\n");
    if (i > 0 && !/^Berth-Agent: \S/m.test(git("show", "-s", "--format=%B", commit)))
      faults.push(`INV-9: nobody made the ledger's commit ${commit}`);
    const ids = new Set(
      changed.map((path) => path.split("/")).flatMap(([state = "", id = ""]) => (STATES.includes(state) ? [id] : [])),
    );
    if (ids.size > 2) faults.push(`INV-10: ${commit} changes ${[...ids].join(", ")}`);
    for (const path of changed.filter((name) => name.endsWith("/claim.yaml"))) {
      if (!says(git, "cat-file", "-e", `${commit}:${path}`)) continue;
      const [id = "", epoch] = [path.split("/")[1], number(git("show", `${commit}:${path}`), "epoch")];
      const before = epochs.get(id) ?? 0;
      if (epoch !== null && epoch < before) faults.push(`INV-2: ${id} goes from epoch ${before} back to ${epoch}`);
      epochs.set(id, Math.max(before, epoch ?? 0));
    }
  }
  return faults;
}

function landingFaults(git: AskGit, folders: readonly Folder[]): string[] {
  const faults: string[] = [];
  for (const { state, id, claim } of folders) {
    const listed = landed(claim ?? "");
    for (const commit of listed)
      if (!says(git, "merge-base", "--is-ancestor", commit, "main"))
        faults.push(
          `${state === "completed" ? "INV-4" : "INV-5"}: ${id} landed ${commit}, which the base does not have`,
        );
    const announced = /^landing:\n {2}commit: (\w+)/m.exec(claim ?? "")?.[1];
    const on = git("log", "--format=%H", "--grep", `^Berth-Session: ${id}$`, "main").split("\n").filter(Boolean);
    for (const commit of on.filter((one) => !listed.includes(one) && one !== announced))
      faults.push(`INV-5: the base has ${commit} of ${id}, which the ledger does not know`);
    const tip = /^tip: ([0-9a-f]+)$/m.exec(claim ?? "")?.[1];
    // Of one that goes on, the tip is on its branch; of one that ended, below the ledger.
    if (tip && !says(git, "cat-file", "-e", `${tip}^{commit}`)) faults.push(`INV-3: the tip ${tip} of ${id} is gone`);
    if (
      tip &&
      (state === "completed" || state === "abandoned") &&
      !says(git, "merge-base", "--is-ancestor", tip, "berth/ledger")
    )
      faults.push(`INV-3: the work ${tip} of ${id} is not below the ledger`);
  }
  const base = git("ls-tree", "-r", "--name-only", "main").split("\n");
  if (base.some((path) => path.startsWith(".session/"))) faults.push("INV-4: the base has files of a workspace");
  return faults;
}

/** Files that must say something: a plan, a record. */
function documentFaults(git: AskGit, folders: readonly Folder[]): string[] {
  return folders.flatMap(({ state, id, files, claim }) => [
    ...files
      .filter((file) => file === "SESSION.md" || file === "claim.yaml")
      .filter((file) => git("show", `berth/ledger:${state}/${id}/${file}`).trim() === "")
      .map((file) => `INV-8: ${file} of ${id} is empty`),
    ...(files.includes("SESSION.md") ? [] : [`INV-8: ${id} has no plan`]),
    ...(claim !== null && (number(claim, "epoch") === null || !/^agent: \S/m.test(claim))
      ? [`INV-9: the record of ${id} names no epoch or no agent`]
      : []),
  ]);
}

function number(text: string, name: string): number | null {
  const found = new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** The commits that a record lists as landed. */
function landed(claim: string): string[] {
  const list = /^landed:\n((?:[ -].*\n?)+)/m.exec(claim)?.[1] ?? "";
  return [...list.matchAll(/commit: ([0-9a-f]+)/g)].map(([, commit = ""]) => commit);
}
