import { criteria } from "../../document/checklist.ts";
import { changesBetween } from "../../git/diff.ts";
import { FILE } from "../../ledger/layout.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { rowsOf } from "../../ledger/rows.ts";
import { STATES } from "../../ledger/layout.ts";
import { sessionId } from "../../ledger/session-id.ts";
import { readClaim, readFileAt, readTip, requireFolder } from "../../ledger/tip.ts";
import { resolveCommit } from "../../git/refs.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { sessionHere } from "../../workspace/find.ts";
import { type DriftFacts, driftMarkdown } from "./drift-markdown.ts";
import { matches } from "./glob.ts";

/** The facts and the report made of them. */
export interface Drift extends DriftFacts {
  readonly markdown: string;
}

/** The plan as frozen at the claim against what happened. [ASP-18] */
export async function drift(project: Project, input: { readonly id?: string | undefined }): Promise<Drift> {
  const id = sessionId(await sessionHere(project, input.id));
  const tip = await readTip(project);
  const at = await requireFolder(project, tip, id);
  const record = await readClaim(project, at);
  if (!record)
    throw new BerthError("WRONG_STATE", `${id} is ${at.state}: nothing has happened yet that could drift.`, {
      hint: `Claim it first: berth claim ${id}`,
    });
  const now = (await readFileAt(project, at.tree, FILE.plan)) ?? "";
  const frozenBlob = record.plan ? await project.objects.read(record.plan) : null;
  const frozen = frozenBlob?.data.toString("utf8") ?? now;
  const plan = parsePlan(frozen, id, FILE.plan);
  const touched = await touchedPaths(
    project,
    record.landed.map((l) => l.commit),
    record.base,
    at.state === "active" ? record.branch : null,
  );
  const rows = (await Promise.all(STATES.map((state) => rowsOf(project, tip, state)))).flat();
  const before = criteria(frozen).map((c) => c.text);
  const ended = record.ended?.at ?? null;
  const until = ended === null ? project.clock.now() : Date.parse(ended);
  const facts: DriftFacts = {
    session: id,
    title: plan.title,
    state: at.state,
    criteria: criteria(now).map((c) => ({ text: c.text, done: c.done, added: !before.includes(c.text) })),
    files: {
      planned: plan.paths,
      touched,
      unplanned: touched.filter((path) => !plan.paths.some((p) => matches(p, path))),
      untouched: plan.paths.filter((p) => !touched.some((path) => matches(p, path))),
    },
    subsessions: rows
      .filter((r) => r.parent === id && !r.id.startsWith("kb-"))
      .map((r) => ({ id: r.id, title: r.title, state: r.state })),
    time: {
      plannedMs: estimateOf(frozen),
      usedMs: until - Date.parse(record.claimedAt),
      claimedAt: record.claimedAt,
      endedAt: ended,
      landings: record.landed.length,
    },
    planChanged: planOf(now) !== planOf(frozen),
  };
  return { ...facts, markdown: driftMarkdown(facts) };
}

/** Paths changed by what landed; for running work also by its branch, as far as this machine has it. */
async function touchedPaths(
  project: Project,
  landed: readonly string[],
  base: string | null,
  branch: string | null,
): Promise<string[]> {
  const paths = new Set<string>();
  for (const commit of landed) {
    const [parent, own] = [
      await resolveCommit(project.objects, `${commit}^`),
      await resolveCommit(project.objects, commit),
    ];
    if (parent && own) for (const change of await changesBetween(project.git, parent, own)) paths.add(change.path);
  }
  const [from, tip] = [
    base ? await resolveCommit(project.objects, base) : null,
    branch ? await resolveCommit(project.objects, `refs/heads/${branch}`) : null,
  ];
  if (landed.length === 0 && from && tip)
    for (const change of await changesBetween(project.git, from, tip)) paths.add(change.path);
  return [...paths].filter((path) => !path.startsWith(".session/")).sort();
}

/** The text without ticks: what `complete` may change is not a change of plan. */
function planOf(text: string): string {
  return text.replaceAll(/^(\s*[-*] )\[[ xX]\]/gm, "$1[ ]").trim();
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `estimate: 4h` in the front matter, or `Estimate: 4h` on a line of its own: minutes, hours or days. */
function estimateOf(text: string): number | null {
  const match = /^\s*(?:[-*]\s*)?\**estimate\**\s*:\s*\**\s*(\d+(?:\.\d+)?)\s*(m|h|d)\b/im.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2]?.toLowerCase() ?? ""] ?? 0) : null;
}
