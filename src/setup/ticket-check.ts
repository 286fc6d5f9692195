import { leftWorkspaces } from "../context/ticket/workspace.ts";
import type { Project } from "../project.ts";
import { type Finding, good } from "./finding.ts";

/** The work trees of tickets: one of a ticket that is done is left over, and harms nobody. */
export async function checkTickets(project: Project): Promise<Finding> {
  const { all, done } = await leftWorkspaces(project);
  if (done.length === 0) return good(`${all} workspaces of tickets`);
  const how = `berth ticket close --ticket ${done[0]} --remove-workspace`;
  return good(`${all} workspaces of tickets; of done ones: ${done.join(", ")} (remove with: ${how})`);
}
