import { expect, test } from "vitest";
import { sandbox, type Sandbox } from "../support/sandbox.ts";
import { CENTRAL } from "../support/contexts.ts";

const BRANCHES = 50;

/** Branches that each write what an agent writes: when, which issue, a decision, a todo. @returns how many merge at once */
function merged(box: Sandbox, dir: string, fileOf: (issue: number) => string): number {
  const start = box.git(dir, "rev-parse", "HEAD");
  const issues = Array.from({ length: BRANCHES }, (_, n) => 100 + n);
  for (const issue of issues) {
    box.git(dir, "checkout", "-q", "-b", `phase/training_${issue}`, start);
    const text = CENTRAL.replaceAll("142", String(issue))
      .replace("2026-03-01T10:00:00", `2026-03-01T10:00:${issue % 60 < 10 ? "0" : ""}${issue % 60}`)
      .replace("Tokens, not cookies", `Decision of ${issue}`);
    box.write(dir, { [fileOf(issue)]: text, [`src/${issue}.txt`]: "work\n" });
    box.git(dir, "add", "--all");
    box.git(dir, "commit", "-q", "-m", `Work on ${issue}`);
  }
  box.git(dir, "checkout", "-q", "-B", "all", start);
  // Not in the order in which they were made.
  const order = issues.toSorted((a, b) => ((a * 37) % 101) - ((b * 37) % 101));
  return order.filter((issue) => {
    try {
      box.git(dir, "merge", "-q", "--no-edit", `phase/training_${issue}`);
      return true;
    } catch {
      box.git(dir, "merge", "--abort");
      return false;
    }
  }).length;
}

test("[TKT-07] [TKT-12] fifty tickets on fifty branches, all edited, merge in any order without a conflict", () => {
  const box = sandbox({ remote: false });
  expect(merged(box, box.hub, (issue) => `tickets/training_${issue}/ACTIVE_SESSION.md`)).toBe(BRANCHES);
});

test("[TKT-07] of the same work in the central layout git merges the first branch alone", () => {
  const box = sandbox({ remote: false, files: { "docs/session-context/ACTIVE_SESSION.md": CENTRAL } });
  expect(merged(box, box.hub, () => "docs/session-context/ACTIVE_SESSION.md")).toBe(1);
});
