import { shortCommit } from "../text.ts";
import { type Command, defineCommand } from "../command.ts";

import { table } from "../table.ts";
import { ago } from "../time.ts";
import { refresh } from "./ledger-age.ts";

export const command: Command = defineCommand({
  arguments: {
    target: {
      summary: "A commit, or a path from the top of the repository",
      required: true,
      completes: { kind: "files" },
    },
  },
  fetches: true,
  details: ["Reads the trailers that every landing carries, and says which plan and patch in the ledger belong to it."],
  examples: [
    { says: "who made this commit, and why", line: "berth trace 4f2a91c" },
    { says: "which sessions changed a file", line: "berth trace src/login.ts" },
  ],
  run: async ({ args, fetch, open }) => {
    const berth = await open();
    if (fetch) await refresh(berth);
    const traced = await berth.trace({ target: args.target });
    return {
      data: traced,
      text: (page) =>
        table(
          traced.entries,
          [
            { title: "COMMIT", cell: ({ commit }) => shortCommit(commit), paint: (text) => page.style("yellow", text) },
            { title: "SESSION", cell: ({ session }) => session ?? "none", paint: (text) => page.style("bold", text) },
            { title: "STATE", cell: ({ state }) => state ?? "" },
            { title: "AGENT", cell: ({ agent, author }) => agent ?? author, shrinks: true },
            { title: "WHEN", cell: ({ at }) => ago(at, page.now), paint: (text) => page.style("dim", text) },
            { title: "SUBJECT", cell: ({ subject }) => subject, shrinks: true },
          ],
          page,
        ),
      brief: traced.entries.map(({ session }) => session ?? "none").join("\n"),
    };
  },
});
