import { isBerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { milliseconds, requireInput, text } from "../input.ts";
import { type Agent, requireAgent } from "./agent.ts";
import { heard, stillHeard } from "./heard.ts";

/** An agent that keeps a connection to the store, and is heard on it. */
export interface Stay {
  readonly agent: Agent;
  /** Rejects when the agent is not registered any more; resolves with the release. */
  readonly ended: Promise<void>;
  /** The agent goes on without the connection, and is judged without it. */
  release(): Promise<void>;
}

/**
 * Gives signs of life and keeps a connection for as long as an agent lives: where nobody can look at its process, on
 * other machines and in other containers, the end of that connection is what shows its death. [XCS-02] [XCS-03]
 * @param input.everyMs between two signs; without it the project's setting
 * @throws BerthError NOT_FOUND
 */
export async function stay(
  project: Project,
  input: { readonly id: string; readonly everyMs?: number | undefined },
): Promise<Stay> {
  requireInput(input, { id: text, everyMs: milliseconds }, ["id"]);
  const { id } = input;
  const everyMs = input.everyMs ?? project.config.live.beat * 1000;
  const store = await project.store.open();
  const over = new AbortController();
  const standing = await store.stand(id);
  const beat = (stands: boolean, hear: typeof heard = stillHeard): Promise<Agent> =>
    store.write(async (tx) => {
      await hear(tx, id);
      await tx.run("update agent set standing = $3 where project = $1 and id = $2", tx.project, id, stands ? 1 : 0);
      return requireAgent(tx, id);
    });
  const release = async (): Promise<void> => {
    if (over.signal.aborted) return;
    over.abort();
    project.signal?.removeEventListener("abort", leave);
    // First the word, then the deed: in between it would look like a death.
    await beat(false).catch(() => undefined);
    await standing.close();
  };
  // Who closes the repository's handle releases what it keeps.
  const leave = (): void => void release();
  project.signal?.addEventListener("abort", leave);
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await project.clock.sleep(everyMs, over.signal).catch(() => undefined);
      if (over.signal.aborted) return;
      await beat(true).catch((error: unknown) => {
        // A store that cannot be reached now is tried again with the next sign.
        if (isBerthError(error) && error.code === "NOT_FOUND") throw error;
      });
    }
  };
  try {
    const agent = await beat(true, heard);
    const ended = run();
    ended.catch(() => {
      project.signal?.removeEventListener("abort", leave);
      return standing.close();
    });
    return { agent, ended, release };
  } catch (error) {
    await standing.close();
    throw error;
  }
}
