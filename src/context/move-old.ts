import type { Project } from "../project.ts";
import { archivePath } from "./archive.ts";
import { locateContext } from "./locate.ts";
import { updateContext } from "./update.ts";

/**
 * Moves older entries of the lists of the context here to the archive beside it, as every change of it does. [CTX-21]
 * @param input.keep how many entries each list keeps; without it as many as the settings say
 */
export async function contextArchive(
  project: Project,
  input: { readonly keep?: number | undefined; readonly ticket?: string | undefined; readonly dryRun?: boolean } = {},
): Promise<{
  readonly path: string;
  readonly archive: string;
  /** Lists to how many of their entries went. */
  readonly moved: Readonly<Record<string, number>>;
}> {
  const place = await locateContext(project, input);
  const { archived } = await updateContext(project, place, () => ({}), input.dryRun, input.keep);
  const moved: Record<string, number> = {};
  for (const { key } of archived) moved[key] = (moved[key] ?? 0) + 1;
  return { path: place.path, archive: archivePath(place), moved };
}
