import type { ClaimRecord } from "../ledger/claim-record.ts";
import {
  completeEnvironment,
  renderEnvironment,
  sessionEnvironment,
  templateEnvironment,
} from "../ledger/environment.ts";
import type { LedgerTip } from "../ledger/tip.ts";
import { renderSessionTemplate } from "./plan/templates.ts";
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
  const team = await renderSessionTemplate(project, tip, "session-env", templateEnvironment(variables));
  return team === null ? renderEnvironment(variables, "sh") : completeEnvironment(team, variables);
}
