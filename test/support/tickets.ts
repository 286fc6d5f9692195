import type { Berth } from "../../src/open.ts";
import type { TicketFile, TicketFiles } from "../../src/context/ticket/files.ts";
import { textHash } from "../../src/disk/text-file.ts";

/** A ticket.yml as the one worked example of the wild has it: other words, other paths, keys of its own. */
export const WILD = `# made by hand
ticket: train_142
issue_id: 142
title: Train on the new data
description: With the data of March
operator: ada
team: lab
project: forecast
client: acme
prd_issue: 12
crd_issue: 34
phase: train
stage: first
mode: /drive
status: InProgress # for now
checklist:
  - name: All tests pass
  - name: Nice to have
    required: false
artifacts:
  - path: /models/model.txt
  - path: report.md
    required: true
gates:
  entry_criteria: [Data is there]
  exit_criteria:
    - Better than before
    - Somebody agreed
next_phase: validate
started_at: 2026-03-01T09:30:00Z
completed_at: null
duration_estimate: 6h
revenue_value: 1000
effort_hours: 4.5
evaluation:
  checklist: { status: false, eval: checklist.md, notes: half way }
  labels_valid: { status: true, eval: labels.md, required: false }
mine: kept
`;

/** A ticket's folder of these texts, for what is decided without git. */
export function folderOf(
  name: string,
  texts: Readonly<Record<string, string | Pick<TicketFile, "size" | "image">>>,
  elsewhere: readonly string[] = [],
): TicketFiles {
  const files = Object.entries(texts).map(([path, text]): [string, TicketFile] => [
    path,
    typeof text === "string"
      ? { id: textHash(text), size: Buffer.byteLength(text), text, image: false }
      : { id: `${path} ${text.size}`, text: null, ...text },
  ]);
  return { name, folder: `tickets/${name}`, files: new Map(files), elsewhere: new Set(elsewhere) };
}

type Opened = Exclude<Awaited<ReturnType<Berth["ticketOpen"]>>, { plan: unknown }>;
type Closed = Exclude<Awaited<ReturnType<Berth["ticketClose"]>>, { plan: unknown }>;

/** Opens a ticket, which must succeed. */
export async function opened(
  berth: Berth,
  more: Partial<Parameters<Berth["ticketOpen"]>[0]> = {},
): Promise<Opened & { readonly dir: string }> {
  const made = await berth.ticketOpen({ phase: "training", issue: "142", title: "Train", ...more });
  if ("plan" in made) throw new Error("a dry run was not asked for");
  return { ...made, dir: made.workspace?.path ?? "" };
}

/** Closes a ticket, which must succeed. */
export async function closed(berth: Berth, input: Parameters<Berth["ticketClose"]>[0] = {}): Promise<Closed> {
  const made = await berth.ticketClose(input);
  if ("plan" in made) throw new Error("a dry run was not asked for");
  return made;
}

/** The words of the wild example, as a project has them. */
export const WILD_SETTINGS = {
  context: {
    phases: {
      train: { mode: "build", owner: "lab", next: "validate" },
      validate: { mode: "build", owner: "lab", next: null },
    },
  },
};
