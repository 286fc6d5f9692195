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
}

/** The context of the place one stands in. @throws BerthError NOT_FOUND, INVALID where it is damaged */
export async function contextShow(project: Project, input: { readonly ticket?: string | undefined }): Promise<Shown> {
  const { path, layout, session, ticket, ...place } = await locateContext(project, input);
  const { read } = await contextAt({ path, layout, session, ticket, ...place });
  const problems = read.format === "prose" ? [] : problemsOf(read, contextSchema(vocabularyOf(project.config)));
  return { path, layout, format: read.format, session, ticket, context: read.data, body: read.body, problems };
}
