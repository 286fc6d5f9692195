import { startingContext } from "../../context/start.ts";
import { isTicketName } from "../../context/ticket-name.ts";
import { parseFrontMatter } from "../../document/front-matter.ts";
import type { ClaimRecord } from "../../ledger/claim-record.ts";
import { FILE, isKnowledgeSession } from "../../ledger/layout.ts";
import { parsePlan } from "../../ledger/plan.ts";
import { type Folder, readFileAt } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";

/**
 * The context that a claim begins with, in the session's own folder; null where it is kept elsewhere (a ticket's, the
 * central one), and for knowledge sessions. [CTX-01] [CTX-14]
 */
export async function openingContext(project: Project, at: Folder, record: ClaimRecord): Promise<string | null> {
  if (isKnowledgeSession(record.session) || project.config.context.layout === "central") return null;
  const text = await readFileAt(project, at.tree, FILE.plan);
  if (text === null) return null;
  const { title, priority } = parsePlan(text, record.session, FILE.plan);
  if (ticketOf(text) !== null) return null;
  return startingContext(project, {
    id: record.session,
    at: Date.parse(record.claimedAt),
    operator: project.caller.user,
    assistant: project.caller.named ? record.agent : null,
    title,
    priority,
    branch: record.branch,
  });
}

/** The ticket that a session works, as its plan says. */
export function ticketOf(plan: string): string | null {
  const { ticket } = parseFrontMatter(plan, FILE.plan).data;
  return typeof ticket === "string" && isTicketName(ticket) ? ticket : null;
}
