import { partsOfTicket } from "../context/ticket-name.ts";
import { statusOf, WORK_STATUS } from "../context/status-word.ts";
import { isMap } from "./fields.ts";
import type { Unit } from "./unit.ts";

/** The fields of ticket.yml that a context may say under the very same key (origins A3). */
const SAME = [
  "description",
  "team",
  "client",
  "stage",
  "checklist",
  "artifacts",
  "entry_criteria",
  "exit_criteria",
  "completed_at",
  "duration_estimate",
  "revenue_value",
  "effort_hours",
  "evaluation",
] as const;

/** What a context says of its ticket, as ticket.yml has it. Nothing is invented. */
export function ticketFields(unit: Unit, nextPhase: (phase: string) => string | null): Record<string, unknown> {
  const { fields, name } = unit;
  const { phase = "", issue = "" } = partsOfTicket(name) ?? {};
  const task = isMap(fields["task"]) ? fields["task"] : {};
  const link = (key: string): unknown => (isMap(fields[key]) ? fields[key]["issue_number"] : undefined);
  const project = isMap(fields["project"]) ? fields["project"]["name"] : fields["project"];
  const said: Record<string, unknown> = {
    ticket: name,
    issue_id: /^[1-9]\d{0,14}$/.test(issue) ? Number(issue) : issue,
    title: task["title"],
    operator: fields["operator"],
    project,
    prd_issue: link("parent_prd"),
    crd_issue: link("parent_crd"),
    phase,
    mode: fields["mode"],
    status: statusOf(WORK_STATUS, fields["status"]) ?? statusOf(WORK_STATUS, task["status"]) ?? "active",
    next_phase: nextPhase(phase) ?? undefined,
    started_at: fields["started_at"],
    ...Object.fromEntries(SAME.map((key) => [key, fields[key]])),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== null));
}
