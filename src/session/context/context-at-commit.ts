import { basename } from "node:path";
import { workingState } from "../../brain/state/working-state.ts";
import { archivePath } from "../../context/archive.ts";
import { CONTEXT_FILE, locateContext } from "../../context/locate.ts";
import { contextSchema } from "../../context/schema.ts";
import { type Changes, updateContext } from "../../context/update.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import { stagedChanges } from "../../git/diff.ts";
import { type Oid, oid } from "../../git/names.ts";
import { checkoutCommit, resolveCommit } from "../../git/refs.ts";
import { type Git, run, text as gitText } from "../../git/run.ts";
import { baseRef, type Project } from "../../project.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import type { Marker } from "../../workspace/marker.ts";
import type { GateProblem } from "../land/gate-problem.ts";
import { contextOf, readable, workFacts } from "./context-edit.ts";
import { problemsIn } from "./gate-context.ts";
import { ticketGateProblems } from "./gate-tickets.ts";

/**
 * What a commit does to the context of its session: files, branch and commit are filled in, and what comes of it is part
 * of the commit. Nothing is done to a commit of some files alone, whose index is not the one that stays, nor where the
 * commit would hold nothing else. [CTX-06] [CTX-08] [CTX-14]
 */
export async function updateAtCommit(
  project: Project,
  marker: Marker,
  dir: string,
  index: string | undefined,
): Promise<void> {
  if (index !== undefined && basename(index).startsWith("next-index-")) return;
  const git = { ...project.git, dir };
  const env = index === undefined ? {} : { env: { GIT_INDEX_FILE: index } };
  const head = oid(await gitText(git, ["rev-parse", "HEAD"]));
  const { path, ticket, frozen } = await contextOf(project, head);
  if (frozen) return;
  const staged = await stagedChanges(git, head, env);
  if (staged.every((change) => change.path === path)) return;
  const changes = await stagedChanges(git, await startOf(project, git, head), env);
  const place = { layout: "sessions", top: dir, path, session: marker.session, ticket } as const;
  const state = await stateToTell(project);
  const { changed, archived } = await updateContext(project, place, (read) =>
    readable(read.text, path) === null
      ? {}
      : { ...workFacts(project, read, { branch: marker.branch, commit: head, changes, ticket }), ...state },
  );
  const isStaged = staged.some((change) => change.path === path);
  // What made room in it is part of the commit too: left untracked, it would hold up the next verb.
  const paths = archived.length > 0 ? [path, archivePath(place)] : [path];
  if (changed.length > 0 || isStaged) await run(git, ["add", "--", ...paths.map((one) => `:(top,literal)${one}`)], env);
}

/** The session state, for those who read the document elsewhere. A commit does not wait for a server. */
async function stateToTell(project: Project): Promise<Changes> {
  if (project.config.brain.store !== "embedded") return {};
  const { state } = await workingState(project);
  return state === null ? {} : { session_state: state };
}

/** Where the work of a branch started: where it left the base branch, or its first commit where that is not there. */
export async function startOf(project: Project, git: Git, head: Oid): Promise<Oid> {
  const base = await resolveCommit(project.objects, baseRef(project));
  const { code, stdout } = await run(git, ["merge-base", head, base ?? head], { accept: [1, 128] });
  if (code === 0 && base !== null) return oid(stdout.toString("utf8").split("\n")[0] ?? "");
  // A shallow clone has none of the base branch but what its first commit holds.
  const opened = await gitText(git, ["rev-list", "--max-count=1", "--grep=^Berth-Opens: ", head]);
  return opened === "" ? head : oid(opened);
}

/**
 * What a commit would do to tickets that it may not. A clone has objects of its own: there the landing alone decides.
 * [TKT-09]
 */
export async function stagedTicketProblems(
  project: Project,
  dir: string,
  index: string | undefined,
): Promise<GateProblem[]> {
  const git = { ...project.git, dir };
  const env = index === undefined ? {} : { env: { GIT_INDEX_FILE: index } };
  const head = await checkoutCommit(git, "HEAD");
  if (head === null || project.here.commonDir !== project.repository.commonDir) return [];
  const changes = await stagedChanges(git, head, env);
  if (!changes.some(({ path }) => path.startsWith(`${project.config.context.tickets}/`))) return [];
  const { ticket } = await locateContext(project);
  const tree = oid(await gitText(git, ["write-tree"], env));
  const merged = await checkoutCommit(git, "MERGE_HEAD");
  return ticketGateProblems(project, { ticket, from: head, to: tree, merged }, changes);
}

/** That of a session, which goes with its workspace. One for all may be given up, and that of a ticket has its rules. */
const OWN = `${SESSION_DIR}/${CONTEXT_FILE}`;
const GONE = `${OWN}:1:1: the session's context would be gone`;

/** Contexts that a commit would bring, with what is not valid in them and was not so before, nor in what is merged. [CTX-16] */
export async function stagedContextProblems(
  project: Project,
  dir: string,
  index: string | undefined,
): Promise<GateProblem[]> {
  const git = { ...project.git, dir };
  const env = index === undefined ? {} : { env: { GIT_INDEX_FILE: index } };
  const head = await checkoutCommit(git, "HEAD");
  if (head === null) return [];
  const merged = await checkoutCommit(git, "MERGE_HEAD");
  const found: GateProblem[] = [];
  const bytesOf = async (blob: string): Promise<Buffer | null> => {
    const { code, stdout } = await run(git, ["cat-file", "blob", blob], { accept: [128] });
    return code === 0 ? stdout : null;
  };
  for (const { path, from, to } of await stagedChanges(git, head, env)) {
    if (path === OWN && to === null) found.push({ gate: "context", message: GONE, paths: [path] });
    if (to === null || basename(path) !== CONTEXT_FILE) continue;
    const before = [
      from === null ? null : await bytesOf(from.oid),
      merged === null ? null : await bytesOf(`${merged}:${path}`),
    ];
    const texts = { now: (await bytesOf(to.oid)) ?? Buffer.of(), before };
    found.push(...problemsIn(texts, path, contextSchema(vocabularyOf(project.config))));
  }
  return found;
}
