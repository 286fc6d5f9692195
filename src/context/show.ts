import { workingState, type WorkingState } from "../brain/state/working-state.ts";
import type { Project } from "../project.ts";
import { type Layout, locateContext } from "./locate.ts";
import type { Format } from "./read.ts";
import { contextSchema } from "./schema.ts";
import { contextAt } from "./update.ts";
import { type Problem, problemsOf } from "./validate.ts";
import { vocabularyOf } from "./vocabulary.ts";

export interface Shown {
  readonly path: string;
  readonly layout: Layout;
  readonly format: Format;
  readonly session: string | null;
  readonly ticket: string | null;
  /** The keys as they stand on disk. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly problems: readonly Problem[];
  /** The session state of this workspace as it is now; null where there is none, or it cannot be told. [SIR-01] */
  readonly state: WorkingState | null;
  readonly warnings: readonly string[];
}

/** The context of the place one stands in. @throws BerthError NOT_FOUND, INVALID where it is damaged */
export async function contextShow(project: Project, input: { readonly ticket?: string | undefined }): Promise<Shown> {
  const { path, layout, session, ticket, ...place } = await locateContext(project, input);
  const { read } = await contextAt({ path, layout, session, ticket, ...place });
  const problems = read.format === "prose" ? [] : problemsOf(read, contextSchema(vocabularyOf(project.config)));
  const { state, problem } = await workingState(project);
  const warnings = problem === null ? [] : [problem];
  // As it is now, and not as it was at the last commit.
  const context = state === null ? read.data : { ...read.data, session_state: state };
  return { path, layout, format: read.format, session, ticket, context, body: read.body, problems, state, warnings };
}
