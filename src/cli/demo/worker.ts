import { type Command, defineCommand } from "../command.ts";
import type { News } from "./news.ts";

/** One agent of the demo, as a process of its own. The demo starts it; it tells what it does over the channel between them. */
export const command: Command = defineCommand({
  options: {
    haltAt: { type: "text", value: "STEP", summary: "Stop for ever at this step, to be killed there" },
    prefix: { type: "text", value: "DIR", summary: "The folder the project is in, with a slash; default: the top" },
    capability: { type: "text", value: "NAME", summary: "What it can do besides" },
    takeOver: { type: "text", value: "ID", summary: "Go on with this session first: who worked on it was killed" },
    pace: { type: "text", value: "MS", summary: "How long to rest between steps, for people to follow" },
  },
  details: ["Started by `berth demo`, which is at the other end of its channel."],
  examples: [{ says: "what the demo runs", line: "berth demo-worker -C CLONE --agent anna" }],
  run: async ({ options, folder, opening, signal }) => {
    // Without the demo there is nobody to work for, and nobody who would end this process.
    process.once("disconnect", () => process.exit(1));
    const agent = opening.agent ?? "agent";
    const tell = (news: Omit<News, "agent">): void => void process.send?.({ ...news, agent });
    const halt = async (session: string): Promise<void> => {
      tell({ session, what: "halted", detail: "stopped in the middle of a claim" });
      await new Promise(() => undefined);
    };
    const { openBerth } = await import("../../open.ts");
    const { workUntilDone } = await import("./agent.ts");
    const berth = await openBerth(folder(), {
      ...opening,
      progress: ({ name, detail }) => (name === options.haltAt ? halt(detail.split(" ")[0] ?? "") : undefined),
    });
    try {
      const plain = { env: environmentOf(opening.env), signal };
      const { prefix = "", pace = 0, capability, takeOver } = options;
      const capabilities = capability === undefined ? [] : [capability];
      const self = { agent, berth, plain, tell, prefix, paceMs: Number(pace), capabilities };
      await workUntilDone(self, takeOver);
      tell({ session: null, what: "done", detail: "nothing left to do" });
    } finally {
      berth.close();
      process.removeAllListeners("disconnect");
      process.disconnect?.();
    }
    return { data: {}, text: () => "" };
  },
});

function environmentOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}
