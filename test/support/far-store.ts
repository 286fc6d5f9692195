import type { Project } from "../../src/project.ts";
import type { LazyStore } from "../../src/store/open-store.ts";
import { openPostgres } from "../../src/store/postgres.ts";

/**
 * A project's store on a server behind a wire with faults: a second without an answer counts as the end of a connection,
 * and a minute without a server is waited for.
 */
export async function farStore(url: string, { config, clock }: Project): Promise<LazyStore> {
  const options = { url, project: config.project ?? "", clock, answerMs: 1000, waitMs: 60_000 };
  const store = await openPostgres(options);
  return { open: () => Promise.resolve(store), tell: (work) => store.write(work), close: () => store.close() };
}
