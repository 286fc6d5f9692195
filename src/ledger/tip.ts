import { BerthError } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import { readTree, type Tree } from "../git/tree.ts";
import { ledgerRef, type Project } from "../project.ts";
import type { ClaimRecord } from "./claim-record.ts";
import { FILE, folder, LOCK_FILE, type State, STATES } from "./layout.ts";
import { type LockLine, parseLock } from "./lock-file.ts";

/** The ledger at one commit. Everything else is read from it on demand. */
export interface LedgerTip {
  readonly commit: Oid;
  readonly tree: Oid;
  readonly root: Tree;
}

/** A session's folder as it is at a tip. */
export interface Folder {
  readonly id: string;
  readonly state: State;
  readonly tree: Oid;
}

/**
 * The ledger as last fetched.
 * @throws BerthError NOT_INITIALISED when there is none
 */
export async function readTip(project: Project): Promise<LedgerTip> {
  const tip = await tryReadTip(project);
  if (tip) return tip;
  throw new BerthError(
    "NOT_INITIALISED",
    `There is no ledger (${project.config.ledger.branch}) on ${project.hub.name}.`,
    {
      hint: "Set the repository up with: berth init",
    },
  );
}

/** The ledger as last fetched, or null. */
export async function tryReadTip(project: Project): Promise<LedgerTip | null> {
  const commit = await project.objects.read(`${ledgerRef(project)}^{commit}`);
  if (!commit) return null;
  return tipAt(project, commit.oid);
}

/** The ledger at a commit. */
export async function tipAt(project: Project, commit: Oid): Promise<LedgerTip> {
  const tree = await project.objects.read(`${commit}^{tree}`);
  if (!tree) throw new BerthError("UNREADABLE", `The ledger's commit ${commit} has no readable tree.`);
  return { commit, tree: tree.oid, root: await readTree(project.objects, tree.oid) };
}

/** The folders of one state: ids to trees. Hidden files and anything that is not a folder is left out. */
export async function foldersIn(project: Project, tip: LedgerTip, state: State): Promise<Map<string, Oid>> {
  const entry = tip.root.get(state);
  const found = new Map<string, Oid>();
  if (entry?.mode !== "040000") return found;
  for (const [name, child] of await readTree(project.objects, entry.oid)) {
    if (child.mode === "040000") found.set(name, child.oid);
  }
  return found;
}

/** Where a session is, or null. One that stands in two folders is damage and reported. */
export async function findFolder(project: Project, tip: LedgerTip, id: string): Promise<Folder | null> {
  // An empty name would be the folder of all of them.
  if (id === "")
    throw new BerthError("USAGE", "The session's id is empty.", { hint: "See which there are with: berth list" });
  const found = await Promise.all(
    STATES.map(async (state) => {
      const at = await project.objects.stat(`${tip.tree}:${folder(state, id)}`);
      return at?.type === "tree" ? { id, state, tree: at.oid } : null;
    }),
  );
  const folders = found.filter((f) => f !== null);
  if (folders.length > 1) {
    const places = folders.map((f) => f.state).join(" and ");
    throw new BerthError(
      "UNREADABLE",
      `${id} stands in ${places} at once in the ledger (${tip.commit.slice(0, 10)}).`,
      {
        hint: `Remove the wrong folder in ${project.config.ledger.path}, commit it there, and run: berth doctor`,
      },
    );
  }
  return folders[0] ?? null;
}

/**
 * @throws BerthError NOT_FOUND naming near ids
 */
export async function requireFolder(project: Project, tip: LedgerTip, id: string): Promise<Folder> {
  const found = await findFolder(project, tip, id);
  if (found) return found;
  const near: string[] = [];
  for (const state of STATES)
    near.push(...[...(await foldersIn(project, tip, state)).keys()].filter((n) => isNear(n, id)));
  const hint =
    near.length > 0
      ? `Did you mean ${near.slice(0, 5).join(", ")}?`
      : "See all sessions with: berth list --all --fetch";
  throw new BerthError("NOT_FOUND", `No session ${id} in the ledger.`, { hint, facts: { session: id, near } });
}

/** Ids that share most of their words, or of which one is part of the other. */
function isNear(known: string, asked: string): boolean {
  if (known.includes(asked) || asked.includes(known)) return true;
  const words = known.split("-");
  const shared = asked.split("-").filter((word) => words.includes(word)).length;
  return shared > 3 && shared >= words.length / 2;
}

/** A file of the ledger at a tip as text, or null. */
export async function readFileAt(project: Project, tree: Oid, path: string): Promise<string | null> {
  const blob = await project.objects.read(`${tree}:${path}`);
  return blob?.type === "blob" ? blob.data.toString("utf8") : null;
}

/** The claim record of a folder, or null where there is none (never claimed, or claimed by hand). */
export async function readClaim(project: Project, at: Folder): Promise<ClaimRecord | null> {
  const text = await readFileAt(project, at.tree, FILE.claim);
  if (text === null) return null;
  // Loaded here: lists need no parser.
  const { parseClaim } = await import("./claim-record.ts");
  return parseClaim(text, folder(at.state, at.id, FILE.claim));
}

/** The lines of `sessions.lock` at a tip. */
export async function readLock(project: Project, tip: LedgerTip): Promise<LockLine[]> {
  return parseLock((await readFileAt(project, tip.tree, LOCK_FILE)) ?? "");
}
