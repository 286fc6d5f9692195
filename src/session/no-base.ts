import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";

/** What a verb ends with where the base branch has no commit on the hub. */
export function noBase(project: Project): BerthError {
  const { base, remote } = project.config;
  const push = project.hub.kind === "local" ? "" : ` and push it: git push ${remote || "origin"} ${base}`;
  return new BerthError("NO_BASE", `The base branch ${base} has no commit on ${project.hub.name}.`, {
    hint: `Make its first commit${push || `: git switch ${base} && git commit`}. Then run the same command again.`,
    facts: { base },
  });
}
