import type { SessionPlan } from "../../ledger/plan.ts";
import type { SessionRow } from "../../ledger/rows.ts";

/** Warnings for declared paths that may meet those of sessions being worked on. */
export function overlaps(plan: SessionPlan, active: readonly SessionRow[]): string[] {
  const warnings: string[] = [];
  for (const row of active) {
    if (row.id === plan.id) continue;
    const pairs = plan.paths.flatMap((a) =>
      row.paths.filter((b) => mayMeet(a, b)).map((b) => (a === b ? a : `${a} and ${b}`)),
    );
    if (pairs.length > 0)
      warnings.push(
        `${row.id} (${row.agent ?? "somebody"}) is planned on the same paths: ${pairs.slice(0, 3).join(", ")}.`,
      );
  }
  return warnings;
}

/**
 * Whether two patterns can name one path: their fixed beginnings agree as far as both go (the shorter one is a folder,
 * or goes on with a wildcard). Errs towards yes, because the answer is a warning.
 */
function mayMeet(a: string, b: string): boolean {
  const [x, y] = [fixedParts(a), fixedParts(b)];
  return x.slice(0, y.length).every((part, i) => part === y[i]);
}

function fixedParts(pattern: string): string[] {
  const parts = pattern.replace(/^\.?\/+|\/+$/g, "").split("/");
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  return wild < 0 ? parts : parts.slice(0, wild);
}
