import type { ClaimRecord } from "../ledger/claim-record.ts";
import { renderEnvironment, sessionEnvironment } from "../ledger/environment.ts";
import type { LedgerTip } from "../ledger/tip.ts";
import { renderSessionTemplate } from "./templates.ts";
import type { Project } from "../project.ts";

/** The variables of a session's environment. */
export function environmentOf(
  project: Project,
  record: ClaimRecord,
  workspace: string | null,
  port: number | null,
): Record<string, string> {
  return sessionEnvironment({
    session: record.session,
    agent: { name: record.agent, email: record.email },
    branch: record.branch,
    epoch: record.epoch,
    workspace,
    port,
    base: project.config.base,
  });
}

/** `.session-env` from the team's template, or our own. [ASP-07] */
export async function sessionEnvText(
  project: Project,
  tip: LedgerTip,
  record: ClaimRecord,
  port: number | null,
): Promise<string> {
  const variables = environmentOf(project, record, null, port);
  const given = { SESSION_SLUG: record.session, USER_NAME: record.agent, USER_EMAIL: record.email };
  const team = await renderSessionTemplate(project, tip, "session-env", { ...given, ENVIRONMENT: variables });
  return team ?? renderEnvironment(variables, "sh");
}
