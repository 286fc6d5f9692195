/**
 * The named steps of every verb that writes. They are what `progress` reports to people, and what the crash tests kill
 * at: a test enumerates this list, so a step that is never reached or never listed is found.
 */
export const STEPS = [
  "ledger.fetched",
  "ledger.committed",
  "checkout.noted",
  "checkout.brought",
  "ledger.published",
  "ledger.files-shown",
  "ledger.shown",
  "claim.intended",
  "claim.won",
  "workspace.branched",
  "workspace.added",
  "workspace.marked",
  "workspace.prepared",
  "claim.done",
  "merge.made",
  "verify.started",
  "verify.passed",
  "land.squashed",
  "land.announced",
  "land.base-moved",
  "land.published",
  "land.returned",
  "sync.merged",
  "sync.brought",
  "commit.made",
  "checkpoint.written",
  "checkpoint.taken",
  "checkpoint.pushed",
  "checkpoint.pruned",
  "restore.added",
  "restore.planned",
  "restore.files",
  "restore.state",
  "restore.done",
  "complete.published",
  "workspace.checked",
  "workspace.removed",
  "branch.deleted",
  "end.done",
  "ticket.intended",
  "ticket.published",
  "ticket.closed",
  "ticket.done",
  "migrate.committed",
  "migrate.verified",
  "migrate.moved",
  "state.read",
  "state.written",
  "brain.archived",
  "brain.written",
  "brain.removed",
] as const;

export type StepName = (typeof STEPS)[number];

/** One step reached, with a few words for people. */
export interface Step {
  readonly name: StepName;
  readonly detail: string;
}

/** Called at each step, in order; the next step waits for what it returns. */
export type Progress = (step: Step) => void | Promise<void>;
