import type { ServerContext } from "@modelcontextprotocol/server";
import type { Progress } from "../progress.ts";

/** What a client that asked for it hears of a long call. */
export interface Alive {
  readonly step: Progress;
  readonly end: () => void;
}

/** A call of which nothing was heard for so long is told to go on. */
const EVERY_MS = 2000;

/** Tells each step of a call, and between them now and then that it goes on, to the token its request carries. */
export function tellAlive({ mcpReq }: Pick<ServerContext, "mcpReq">): Alive {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { step: () => undefined, end: () => undefined };
  const begun = performance.now();
  let progress = 0;
  let last = "";
  const tell = (message: string): void => {
    progress += 1;
    // Whoever does not listen any more has cancelled, or has gone: the call notices that by itself.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress, message } })
      .catch(() => undefined);
  };
  const still = (): void => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    tell(`${last || "still at work"} (${seconds} s)`);
  };
  const timer = setInterval(still, EVERY_MS);
  timer.unref();
  return {
    step: ({ name, detail }) => {
      last = `${name}: ${detail}`;
      timer.refresh();
      tell(last);
    },
    end: () => clearInterval(timer),
  };
}
