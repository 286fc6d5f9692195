import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { unixSeconds } from "../clock.ts";
import { type Config, parseConfig } from "../config.ts";
import { setFields } from "../document/front-matter.ts";
import { parseYaml, writeYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import { branchRef, type Oid } from "../git/names.ts";
import { resolveCommit } from "../git/refs.ts";
import { text as gitText } from "../git/run.ts";
import { editTree, type TreeEntry } from "../git/tree.ts";
import { writeBlobs, writeCommit } from "../git/write.ts";
import { makeLinked, requireRoomForLinked, showLedger } from "../ledger/linked-worktree.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { slugOf } from "../ledger/session-id.ts";
import { bundledLedger } from "../ledger/template.ts";
import { tryReadTip } from "../ledger/tip.ts";
import { baseRef, homeDir, type Project, scratchDir } from "../project.ts";
import { addLines, excludeOurs, ignoredPaths } from "../workspace/exclude.ts";
import { type Check, doctor } from "./doctor.ts";
import { randomHex } from "../hash.ts";

export interface InitResult {
  /** What was made now; empty when everything was there. */
  readonly created: readonly string[];
  readonly config: Config;
  /** What is left to do, as sentences or commands. */
  readonly next: readonly string[];
  readonly warnings: readonly string[];
}

/** Settings that differ from the defaults, as `init` was told. */
export type InitSettings = Readonly<Record<string, unknown>>;

/**
 * Sets a repository up: settings, the ledger on the hub, its linked worktree, ignore rules. Running it again adds only
 * what is missing.
 * @throws BerthError HUB_REFUSED when the hub takes no ledger branch, with what it said
 */
export async function init(opened: Project, settings: InitSettings): Promise<InitResult> {
  const created: string[] = [];
  const checks = await doctor(opened, { fix: false, beforeInit: true });
  const wrong = checks.checks.find(
    (c: Check) => !c.ok && ["hub", "hub-push", "hub-branches", "hub-checkout"].includes(c.name),
  );
  if (wrong)
    throw new BerthError(
      wrong.name === "hub" ? "HUB_UNREACHABLE" : "HUB_REFUSED",
      `The hub cannot be used: ${wrong.detail}.`,
      { hint: wrong.fix ?? "See: berth doctor" },
    );
  const home = homeDir(opened);
  const written = await writeConfig(opened, home, settings);
  const project = { ...opened, config: written.config };
  const made = await requireRoomForLinked(project)
    .then(() => makeLedger(project))
    .catch(async (error: unknown) => {
      // Nothing is left behind that says this repository were set up.
      if (written.made) await rm(join(home, ".berth", "config.yaml"), { force: true });
      if (written.made) await rmdir(join(home, ".berth")).catch(() => undefined);
      throw error;
    });
  if (made) created.push(`${project.config.ledger.branch} on ${project.hub.name}`);
  if (written.made) created.push(".berth/config.yaml");
  if (project.repository.mainTop !== null && (await addLines(join(home, ".gitignore"), ignoredPaths(project)))) {
    created.push(".gitignore");
  }
  await excludeOurs(project);
  const linked = await makeLinked(project);
  if (linked) created.push(project.config.ledger.path);
  const warnings = [...worthSaying(checks.checks), ...(await unusedRemotes(project)), ...(await showLedger(project))];
  return { created, config: project.config, next: await nextSteps(project, created), warnings };
}

/** What `doctor` found that a team should know from the start. */
function worthSaying(checks: readonly Check[]): string[] {
  return checks.filter((c) => c.fix !== null).map((c) => `${c.name}: ${c.detail}. ${c.fix}`);
}

async function makeLedger(project: Project): Promise<boolean> {
  const made: Oid[] = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    await withTurn(project, () => fetchHub(project));
    const there = await tryReadTip(project);
    if (there) return made.includes(there.commit);
    const commit = await firstCommit(project);
    made.push(commit);
    const answer = await project.hub.publish([
      { ref: branchRef(project.config.ledger.branch), old: null, new: commit },
    ]);
    if (answer.accepted) return true;
    if (attempt === 4) {
      throw new BerthError(
        "HUB_REFUSED",
        `${project.hub.name} does not take the branch ${project.config.ledger.branch}.`,
        {
          hint: "Ask for the right to push it, or choose another name under ledger.branch in .berth/config.yaml.",
          facts: { said: answer.said },
        },
      );
    }
  }
  return false;
}

async function firstCommit(project: Project): Promise<Oid> {
  const files = await bundledLedger();
  const oids = await writeBlobs(
    project.git,
    scratchDir(project),
    files.map((file) => file.content),
  );
  const edits = new Map<string, TreeEntry>();
  for (const [i, file] of files.entries()) {
    const written = oids[i];
    if (written) edits.set(file.path, { mode: file.mode, oid: written });
  }
  const tree = await editTree(project.git, project.objects, null, edits);
  const seconds = unixSeconds(project.clock.now());
  return writeCommit(
    project.git,
    { tree, parents: [], message: "Start the ledger of sessions\n", author: project.caller, seconds },
    project.signs,
  );
}

const HEADER = "# Settings of Berth for this repository. Every key has a default; `berth config` prints them all.\n";

/** Writes the settings that were chosen, and those that this repository needs; a file that is there stays. */
async function writeConfig(
  project: Project,
  home: string,
  settings: InitSettings,
): Promise<{ made: boolean; config: Config }> {
  const file = join(home, ".berth", "config.yaml");
  const there = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if ("remote" in settings) {
    throw new BerthError(
      "USAGE",
      "The hub is chosen before init: it is the remote that the settings name, or origin.",
      {
        hint: "For another one: berth config remote NAME, then berth init",
      },
    );
  }
  const chosen = { ...(await missingBase(project, there, file, settings)), ...settings };
  if (there !== null && Object.keys(chosen).length === 0) return { made: false, config: project.config };
  const identity = `${slugOf(basename(home), 40)}-${randomHex(4)}`;
  const text = there ?? `${HEADER}${writeYaml({ project: identity })}`;
  const fenced = setFields(`---\n${text.endsWith("\n") ? text : `${text}\n`}---\n`, chosen, file).slice(4, -4);
  const config = parseConfig(parseYaml(fenced, file), file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, fenced);
  return { made: there === null, config };
}

/** Where nobody chose a base branch: the usual one, or, where the hub has no such branch, the one it calls its own. */
async function missingBase(
  project: Project,
  there: string | null,
  file: string,
  settings: InitSettings,
): Promise<{ base?: string }> {
  const written = there === null ? {} : ((parseYaml(there, file) ?? {}) as Record<string, unknown>);
  if (settings["base"] !== undefined || written["base"] !== undefined) return {};
  const { base } = project.config;
  await withTurn(project, () => fetchHub(project));
  const usual = await resolveCommit(project.objects, baseRef(project));
  const own = usual ? base : ((await project.hub.defaultBranch()) ?? base);
  return there !== null && own === base ? {} : { base: own };
}

/** Remotes that nobody named as the hub: this repository alone is then the hub, which few mean. */
async function unusedRemotes(project: Project): Promise<string[]> {
  if (project.hub.kind === "remote" || project.config.remote === false) return [];
  const remotes = (await gitText(project.git, ["remote"])).split("\n").filter(Boolean);
  const [first] = remotes;
  if (first === undefined) return [];
  return [
    `The hub is this repository alone; it has the remote ${remotes.join(", ")}. To share sessions through it: berth config remote ${first}, then berth init. To be told no more: berth config remote false.`,
  ];
}

async function nextSteps(project: Project, created: readonly string[]): Promise<string[]> {
  const steps: string[] = [];
  if (!(await resolveCommit(project.objects, baseRef(project)))) {
    steps.push(
      `The base branch ${project.config.base} has no commit on the hub yet: make one and push it before the first claim.`,
    );
  }
  if (created.includes(".berth/config.yaml") || created.includes(".gitignore")) {
    steps.push('git add .berth .gitignore && git commit -m "Set up Berth"');
  }
  steps.push('berth draft "What is to be done" --context "Why" --criterion "How one sees that it is done"');
  return steps;
}
