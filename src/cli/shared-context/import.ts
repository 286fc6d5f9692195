import { type Command, defineCommand } from "../command.ts";
import { readStandardInput, readTextFile } from "../input.ts";
import { verbsOf } from "../live/arguments.ts";
import { dryRunResult } from "../report.ts";

export const command: Command = defineCommand({
  arguments: {
    file: { summary: "A shared_context.json; - for standard input", required: true, completes: { kind: "files" } },
  },
  writes: true,
  details: [
    "What it shares is taken over key by key; keys that are not there stay. Its sessions and versions are of another time and are passed over.",
    "An export that comes back is merged with what was written since. Where both changed the same, what is there stands, both are kept, and the exit code is 4. One of a version that was pruned is refused.",
  ],
  examples: [{ says: "from the file of another tool", line: "berth shared import shared_context.json" }],
  run: async ({ args, dryRun, open, folder, terminal, signal }) => {
    const text =
      args.file === "-" ? await readStandardInput(terminal, signal) : await readTextFile(folder(), args.file);
    const made = await verbsOf(await open(), dryRun).sharedImport({ text });
    if (dryRun) return dryRunResult({ plan: made });
    return {
      data: made,
      text: () =>
        `Version ${made.version} holds it${made.conflicts > 0 ? `, except what is in conflict (${made.conflicts}); see both values with: berth shared get` : ""}.${made.passedOver.length > 0 ? ` Passed over: ${made.passedOver.join(", ")}.` : ""}`,
      brief: String(made.version),
      ...(made.conflicts === 0 ? {} : { exitCode: 4 as const }),
    };
  },
});
