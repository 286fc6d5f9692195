import { placeInYaml, type TextPlace } from "../../document/place.ts";
import { parseYaml } from "../../document/yaml.ts";
import { BerthError } from "../../errors.ts";
import { statusOf, WORK_STATUS } from "../status-word.ts";
import { plain } from "./checklist.ts";

/** A ticket.yml as it stands. */
export interface TicketText {
  readonly data: Readonly<Record<string, unknown>>;
  readonly place: (path: readonly (string | number)[]) => TextPlace;
}

/** @throws BerthError INVALID as `parseYaml`, and for what is no map of keys, or empty */
export function readTicket(text: string, file: string): TicketText {
  const bare = text.replace(/^\uFEFF/, "");
  const data = parseYaml(bare, file);
  if (!isMap(data))
    throw new BerthError("INVALID", `${file}:1:1: this is not a map of keys.`, {
      hint: "Write it as lines of the form key: value.",
      facts: { file, line: 1, column: 1 },
    });
  return { data, place: (path) => placeInYaml(bare, path, 1) };
}

/** Something that a ticket declares, with its place. */
interface Declared {
  readonly path: readonly (string | number)[];
  readonly required: boolean;
}

/** What programs ask of a ticket.yml, whatever of it is there; statuses in one spelling. */
export interface Ticket {
  readonly issue: string | null;
  readonly title: string | null;
  readonly phase: string | null;
  readonly mode: string | null;
  /** open, active, blocked, done or abandoned; null for a word that is none of them. */
  readonly status: string | null;
  readonly operator: string | null;
  readonly priority: string;
  readonly parents: readonly string[];
  readonly dependencies: readonly string[];
  readonly checklist: readonly (Declared & { readonly name: string })[];
  readonly artifacts: readonly (Omit<Declared, "path"> & { readonly path: string; readonly at: Declared["path"] })[];
  readonly exitCriteria: readonly { readonly text: string; readonly path: Declared["path"] }[];
  /** Those of the exit criteria that were confirmed. */
  readonly confirmed: readonly string[];
  /** Undefined where it says nothing: then the phase decides. */
  readonly nextPhase: string | null | undefined;
  /** The ticket that followed this one. */
  readonly nextTicket: string | null;
  readonly openedAt: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

/** Reads what is there of each key; what has another shape is the schema's affair. */
export function ticketOf(data: Readonly<Record<string, unknown>>): Ticket {
  const next = data["next_phase"];
  const exitCriteria = criteriaOf(data);
  return {
    issue: word(data["issue_id"]),
    title: word(data["title"]),
    phase: word(data["phase"]),
    mode: word(data["mode"]),
    status: statusOf(WORK_STATUS, data["status"]),
    operator: word(data["operator"]),
    priority: word(data["priority"]) ?? "next",
    parents: words(data["parents"]),
    dependencies: words(data["dependencies"]),
    checklist: maps(data["checklist"]).flatMap(([item, at]) => {
      const name = word(item["name"]);
      return name === null
        ? []
        : [{ name: plain(name), required: item["required"] !== false, path: ["checklist", at] }];
    }),
    artifacts: maps(data["artifacts"]).flatMap(([item, at]) => {
      const path = word(item["path"]);
      return path === null ? [] : [{ path, required: item["required"] !== false, at: ["artifacts", at] }];
    }),
    exitCriteria,
    confirmed: confirmedOf(data, exitCriteria),
    nextPhase: next === null ? null : (word(next) ?? undefined),
    nextTicket: word(data["next_ticket"]),
    openedAt: word(data["opened_at"]),
    startedAt: word(data["started_at"]),
    completedAt: word(data["completed_at"]),
  };
}

function criteriaOf(data: Readonly<Record<string, unknown>>): Ticket["exitCriteria"] {
  const gates = isMap(data["gates"]) ? data["gates"] : {};
  const listed = (value: unknown, path: readonly string[]): Ticket["exitCriteria"] =>
    Array.isArray(value)
      ? value.flatMap((one, at) => (typeof one === "string" ? [{ text: plain(one), path: [...path, at] }] : []))
      : [];
  return [
    ...listed(gates["exit_criteria"], ["gates", "exit_criteria"]),
    ...listed(data["exit_criteria"], ["exit_criteria"]),
  ];
}

/** An evaluation by hand says it of all at once. */
function confirmedOf(data: Readonly<Record<string, unknown>>, all: Ticket["exitCriteria"]): string[] {
  const evaluation = isMap(data["evaluation"]) ? data["evaluation"] : {};
  const judged = isMap(evaluation["exit_criteria"]) ? evaluation["exit_criteria"] : {};
  if (judged["confirmed"] === undefined) return judged["status"] === true ? all.map(({ text }) => text) : [];
  return maps(judged["confirmed"]).flatMap(([item]) => {
    const criterion = word(item["criterion"]);
    return criterion === null ? [] : [plain(criterion)];
  });
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name or number as text; null for what is neither, and for an empty text. */
export function word(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" ? String(value) : null;
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((one) => word(one) ?? []) : [];
}

function maps(value: unknown): [Readonly<Record<string, unknown>>, number][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one, at): [Readonly<Record<string, unknown>>, number][] => (isMap(one) ? [[one, at]] : []));
}
