import { readFile } from "node:fs/promises";
import { BerthError, isBerthError } from "../../errors.ts";
import { changesBetween } from "../../git/diff.ts";
import { oid } from "../../git/names.ts";
import { checkoutCommit } from "../../git/refs.ts";
import { fields, run, text as gitText } from "../../git/run.ts";
import { type Marker, readMarker } from "../../workspace/marker.ts";
import { FILE, SESSION_DIR } from "../../ledger/layout.ts";
import { parseSubject } from "../../ledger/message.ts";
import { readClaim, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { requireHeld, requireNotReplaced } from "../holding.ts";
import { knowledgeProblems, overrides } from "./gates.ts";

export type HookName = "commit-msg" | "pre-commit" | "pre-push";

export interface GateInput {
  readonly hook: HookName;
  readonly args: readonly string[];
  /** What git gives the hook on standard input (pre-push). */
  readonly input?: string | undefined;
  /** The author git is about to record, from the hook's environment. */
  readonly author?: { readonly name: string; readonly email: string } | undefined;
  /** The index git is about to commit, from the hook's environment. */
  readonly index?: string | undefined;
}

/**
 * Judges a commit or push for git's hooks: early, local and quick. In a workspace the landing gates decide finally.
 * @throws BerthError GATE_REFUSED
 */
export async function gate(project: Project, input: GateInput): Promise<{ passed: true }> {
  const marker = await readMarker(project.here.gitDir);
  const dir = project.here.top ?? project.cwd;
  if (!marker) {
    await judgeOutside(project, dir, input);
    return { passed: true };
  }
  if (input.hook === "commit-msg") await judgeMessage(project, marker.session, dir, input);
  else if (input.hook === "pre-commit") {
    // As far as this machine has heard: a commit that nobody can publish is said to be none before it is made.
    const workspace = { marker, dir, gitDir: project.here.gitDir };
    await requireNotReplaced(project, await readTip(project), { id: marker.session, workspace });
    await judgeAuthor(project, marker.session, dir, input);
    await judgeContext(project, marker, dir, input);
  } else {
    // As far as this machine has heard: who was replaced does not overwrite what his heir pushed.
    const workspace = { marker, dir, gitDir: project.here.gitDir };
    await requireHeld(project, await readTip(project), { id: marker.session, workspace });
    await judgePush(project, marker.session, dir, input.input ?? "");
  }
  return { passed: true };
}

/** A checkout that is no workspace, where a team wanted the hooks: its contexts, and what the settings say of messages. */
async function judgeOutside(project: Project, dir: string, input: GateInput): Promise<void> {
  const { commits } = project.config.context;
  if (input.hook === "commit-msg" && commits !== "") {
    const subject = await subjectOf(dir, input);
    if (!/^(?:fixup|squash|amend)! |^(?:Merge|Revert) /.test(subject) && !new RegExp(commits, "u").test(subject))
      throw refuse(
        null,
        `the message ${JSON.stringify(subject.slice(0, 80))} does not match ${commits}`,
        "Write it anew.",
      );
  }
  if (input.hook !== "pre-commit") return;
  const { stagedContextProblems, stagedTicketProblems } = await import("../context/context-at-commit.ts");
  const problems = [
    ...(await stagedContextProblems(project, dir, input.index)),
    ...(await stagedTicketProblems(project, dir, input.index)),
  ];
  if (problems.length > 0) throw refuse(null, problems.map((p) => p.message).join("; "), CONTEXT_HINT);
}

const CONTEXT_HINT =
  "Correct those places and stage them again, or bring the last whole version back: berth context repair";

/** The first line of a message that says something. @throws BerthError USAGE */
async function subjectOf(dir: string, input: GateInput): Promise<string> {
  const file = input.args[0];
  if (file === undefined)
    throw new BerthError("USAGE", "commit-msg needs the file that holds the message.", {
      hint: "git passes it to the hook.",
    });
  const message = await readFile(file.startsWith("/") ? file : `${dir}/${file}`, "utf8");
  return message.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
}

async function judgeMessage(project: Project, id: string, dir: string, input: GateInput): Promise<void> {
  const subject = await subjectOf(dir, input);
  const paths = await staged(project, dir, input, "HEAD");
  const canonical = knowledgeProblems(project, id, await ownPaths(project, dir, input, paths));
  if (canonical.length > 0)
    throw refuse(id, canonical.map((p) => p.message).join("; "), "Take those files out of the commit.");
  if (/^(fixup|squash|amend)! /.test(subject)) return;
  if (parseSubject(subject)?.id !== id) {
    throw refuse(
      id,
      `the message must be "[${id}] type: description", found ${JSON.stringify(subject.slice(0, 80))}`,
      `For example: git commit -m "[${id}] feat: …"`,
    );
  }
  if (!paths.includes(`${SESSION_DIR}/${FILE.plan}`)) return;
  const worklog = await gitText(
    { ...project.git, dir },
    ["show", `:${SESSION_DIR}/${FILE.worklog}`],
    indexOf(input),
  ).catch(() => "");
  if (!overrides({ subject }, id, worklog)) {
    throw refuse(
      id,
      `${SESSION_DIR}/${FILE.plan} is frozen since the claim`,
      `Keep changes of plan in ${FILE.activePlan} (berth plan TEXT). In an emergency: berth log "OVERRIDE: reason", then commit as "[${id}] OVERRIDE: reason".`,
    );
  }
}

async function judgeAuthor(project: Project, id: string, dir: string, input: GateInput): Promise<void> {
  const said = await gitText({ ...project.git, dir }, ["var", "GIT_AUTHOR_IDENT"]);
  const match = /^(.*) <(.*)> \d+ [+-]\d+$/.exec(said);
  const author = input.author ?? { name: match?.[1] ?? "", email: match?.[2] ?? "" };
  const record = await readClaim(project, await requireFolder(project, await readTip(project), id));
  const known = record?.holders ?? [];
  if (known.length === 0 || known.some((h) => h.name === author.name && h.email === author.email)) return;
  const holder = known.at(-1);
  throw refuse(
    id,
    `the author ${author.name} <${author.email}> never held this session`,
    `Commit as its agent, ${holder?.name} <${holder?.email}>: source ${SESSION_DIR}/${FILE.environment}, or unset GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL.`,
  );
}

/** The context is brought up to date with the commit, and must be valid in it. */
async function judgeContext(project: Project, marker: Marker, dir: string, input: GateInput): Promise<void> {
  // Other hooks need not read what documents are judged by.
  const { stagedContextProblems, stagedTicketProblems, updateAtCommit } =
    await import("../context/context-at-commit.ts");
  // A damaged one is told by what judges it.
  await updateAtCommit(project, marker, dir, input.index).catch((error: unknown) => {
    if (!isBerthError(error)) throw error;
  });
  const problems = [
    ...(await stagedContextProblems(project, dir, input.index)),
    ...(await stagedTicketProblems(project, dir, input.index)),
  ];
  if (problems.length > 0) throw refuse(marker.session, problems.map((p) => p.message).join("; "), CONTEXT_HINT);
}

/** A workspace pushes its session branch alone: the base branch moves by landing, the ledger by verbs. */
async function judgePush(project: Project, id: string, dir: string, lines: string): Promise<void> {
  const { base, ledger } = project.config;
  for (const line of lines.split("\n").filter((l) => l !== "")) {
    const [, local = "", remote = ""] = line.split(" ");
    if (remote === `refs/heads/${base}`)
      throw refuse(id, `${base} moves by landing`, "Publish the work with: berth land, or berth complete");
    if (remote === `refs/heads/${ledger.branch}`)
      throw refuse(id, `${ledger.branch} is the ledger`, "Change it with Berth's verbs.");
    if (/^0+$/.test(local) || !/^[0-9a-f]{40,64}$/.test(local)) continue;
    const mine = await gitText({ ...project.git, dir }, ["merge-base", local, project.hub.seen(base)]).catch(() => "");
    if (mine === "") continue;
    const paths = (await changesBetween({ ...project.git, dir }, oid(mine), oid(local), project.config.knowledge)).map(
      (c) => c.path,
    );
    const problems = knowledgeProblems(project, id, paths);
    if (problems.length > 0)
      throw refuse(id, problems.map((p) => p.message).join("; "), "Take those changes back with a further commit.");
  }
}

/** Of the paths that differ from HEAD those that a merge under way does not simply bring. */
async function ownPaths(
  project: Project,
  dir: string,
  input: GateInput,
  paths: readonly string[],
): Promise<readonly string[]> {
  const merged = await checkoutCommit({ ...project.git, dir }, "MERGE_HEAD");
  const others: string[] = merged === null ? [] : [merged];
  // Taking a change back to what the base branch has is no change of this session's.
  const { stdout, code } = await run(
    { ...project.git, dir },
    ["merge-base", "HEAD", project.hub.seen(project.config.base)],
    {
      accept: [1, 128],
    },
  );
  if (code === 0) others.push(stdout.toString("utf8").trim());
  let own = paths;
  for (const other of others) {
    const differing = new Set(await staged(project, dir, input, other));
    own = own.filter((path) => differing.has(path));
  }
  return own;
}

async function staged(project: Project, dir: string, input: GateInput, against: string): Promise<string[]> {
  const args = ["diff", "--cached", "--name-only", "-z", "--no-renames", "--ignore-submodules=none", against, "--"];
  return fields({ ...project.git, dir }, args, indexOf(input));
}

function indexOf(input: GateInput): { env?: Record<string, string> } {
  return input.index === undefined ? {} : { env: { GIT_INDEX_FILE: input.index } };
}

function refuse(id: string | null, why: string, hint: string): BerthError {
  // A word begins the sentence; the name of a file stays as it is.
  const sentence = /^[a-z]+ /.test(why) ? `${why.charAt(0).toUpperCase()}${why.slice(1)}.` : `${why}.`;
  const text = id === null ? sentence : `${id}: ${why}.`;
  return new BerthError("GATE_REFUSED", text, { hint, facts: { session: id } });
}
