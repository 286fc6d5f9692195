import type { Policy } from "../document/merge-policy.ts";
import { matchKeyPath, parseKeyPattern } from "../document/key-pattern.ts";
import type { Project } from "../project.ts";

/** The policy in force at a path: of the settings' patterns that match it the last one, else the three-way merge. */
export function policies(project: Pick<Project, "config">): (path: readonly string[]) => Policy {
  const rules = Object.entries(project.config.shared.policies).map(([pattern, policy]) => ({
    pattern: parseKeyPattern(pattern),
    policy,
  }));
  return (path) => rules.findLast(({ pattern }) => matchKeyPath(pattern, path))?.policy ?? "three-way";
}
