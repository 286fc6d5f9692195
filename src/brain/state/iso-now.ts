import type { Project } from "../../project.ts";

/** The time as states have it: ISO 8601 in UTC, to the millisecond. */
export function isoNow({ clock }: Pick<Project, "clock">): string {
  return new Date(clock.now()).toISOString();
}
