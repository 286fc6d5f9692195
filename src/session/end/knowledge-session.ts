import { isoSeconds } from "../../clock.ts";
import type { Oid } from "../../git/names.ts";
import { learningsPath, topicOf } from "../../knowledge/learnings.ts";
import { FILE, folder, isKnowledgeSession } from "../../ledger/layout.ts";
import { sessionId, slugOf } from "../../ledger/session-id.ts";
import { ensureFrontMatter } from "../../ledger/template.ts";
import { findFolder, type LedgerTip, readFileAt } from "../../ledger/tip.ts";
import { oneLine } from "../../ledger/message.ts";
import type { Project } from "../../project.ts";
import { renderAnyTemplate } from "../plan/templates.ts";

/**
 * The knowledge session that a completion with learnings plans: from its template, naming its source. [ASP-20]
 * @param tree the tree that lands
 * @returns null where there are no learnings
 */
export async function knowledgeSession(
  project: Project,
  tip: LedgerTip,
  source: string,
  tree: Oid,
): Promise<{ id: string; files: Record<string, string> } | null> {
  if (isKnowledgeSession(source)) return null;
  const learnings = await readFileAt(project, tree, learningsPath(project.config.knowledge, source));
  if (learnings === null || learnings.trim() === "") return null;
  const now = isoSeconds(project.clock.now());
  const topic = oneLine(topicOf(learnings)).slice(0, 120);
  const stem = `kb-${now.slice(0, 10)}-merge-${slugOf(topic, 40)}`;
  let id = sessionId(stem);
  for (let n = 2; await findFolder(project, tip, id); n++) id = sessionId(`${stem}-${n}`);
  const plan = {
    id,
    title: `Merge learnings: ${topic}`,
    priority: "next" as const,
    capabilities: [],
    depends: [],
    paths: [`${project.config.knowledge}/**`],
    parent: source,
    created: now,
  };
  const variables = { ...plan, SESSION_SLUG: id, TOPIC: topic, SOURCE_SESSION: source, TIMESTAMP: now };
  const text = ensureFrontMatter(await renderAnyTemplate(project, tip, "kb-merge", variables), plan);
  return { id, files: { [folder("planned", id, FILE.plan)]: text } };
}
