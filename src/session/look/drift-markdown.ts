/** What a session was planned to be, and what it became. */
export interface DriftFacts {
  readonly session: string;
  readonly title: string;
  readonly state: string;
  /** Criteria of the frozen plan, and whether they are ticked now; `added` were not in it. */
  readonly criteria: readonly { readonly text: string; readonly done: boolean; readonly added: boolean }[];
  readonly files: {
    /** Patterns of the plan. */
    readonly planned: readonly string[];
    readonly touched: readonly string[];
    /** Touched and not foreseen. */
    readonly unplanned: readonly string[];
    /** Patterns that nothing touched. */
    readonly untouched: readonly string[];
  };
  readonly subsessions: readonly { readonly id: string; readonly title: string; readonly state: string }[];
  readonly time: {
    /** From the plan's `estimate`, such as `4h`; null when it gives none. */
    readonly plannedMs: number | null;
    readonly usedMs: number | null;
    readonly claimedAt: string | null;
    readonly endedAt: string | null;
    readonly landings: number;
  };
  readonly planChanged: boolean;
}

/** The drift report for people. */
export function driftMarkdown(drift: DriftFacts): string {
  const met = drift.criteria.filter((c) => c.done).length;
  const lines = [
    `# Drift: ${drift.session}`,
    "",
    `${drift.title} (${drift.state})`,
    "",
    `## Acceptance criteria: ${met} of ${drift.criteria.length} met`,
    "",
    ...drift.criteria.map((c) => `- [${c.done ? "x" : " "}] ${c.text}${c.added ? " (added after the claim)" : ""}`),
    ...(drift.planChanged ? ["", "The plan's text was changed after the claim."] : []),
    "",
    `## Files: ${drift.files.touched.length} touched, ${drift.files.unplanned.length} not foreseen`,
    "",
    ...drift.files.touched.map((path) => `- ${path}${drift.files.unplanned.includes(path) ? " (not foreseen)" : ""}`),
    ...drift.files.untouched.map((path) => `- ${path} (foreseen, not touched)`),
    "",
    `## Subsessions added: ${drift.subsessions.length}`,
    "",
    ...drift.subsessions.map((s) => `- ${s.id}: ${s.title} (${s.state})`),
    "",
    "## Time",
    "",
    `- planned: ${drift.time.plannedMs === null ? "not estimated" : duration(drift.time.plannedMs)}`,
    `- used: ${drift.time.usedMs === null ? "unknown" : duration(drift.time.usedMs)}, in ${drift.time.landings} landing${drift.time.landings === 1 ? "" : "s"}`,
  ];
  return `${lines.join("\n").replaceAll(/\n{3,}/g, "\n\n")}\n`;
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
