import { intro, outro, select, text } from "@clack/prompts";
import { BerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Asks for the settings that differ from project to project.
 * @returns those that differ from the defaults
 * @throws BerthError INTERRUPTED when the person leaves
 */
export async function askSettings(
  terminal: Terminal,
  defaults: Berth["project"]["config"],
): Promise<Record<string, unknown>> {
  // Questions are for people: standard output is left to the answer.
  const streams = { input: terminal.stdin, output: terminal.stderr as NodeJS.WriteStream };
  intro("Berth: one workspace for each piece of work", streams);
  const base = answered(
    await text({
      ...streams,
      message: "The branch work lands on",
      placeholder: defaults.base,
      defaultValue: defaults.base,
    }),
  );
  const kind = answered(
    await select({
      ...streams,
      message: "Where agents work",
      initialValue: defaults.workspace.kind,
      options: [
        { value: "worktree" as const, label: "worktrees", hint: "fast, and share this repository's objects" },
        { value: "clone" as const, label: "shallow clones", hint: "a repository of their own for each" },
      ],
    }),
  );
  const setup = answered(
    await text({
      ...streams,
      message: "Command that makes a new workspace ready",
      placeholder: "none, or for example npm ci",
      defaultValue: "",
    }),
  );
  const verify = answered(
    await text({
      ...streams,
      message: "Command that must pass before anything lands",
      placeholder: "none, or for example npm test",
      defaultValue: "",
    }),
  );
  outro("Thank you.", streams);
  const workspace = { ...(kind === defaults.workspace.kind ? {} : { kind }), ...(setup === "" ? {} : { setup }) };
  return {
    ...(base === defaults.base ? {} : { base }),
    ...(Object.keys(workspace).length === 0 ? {} : { workspace }),
    ...(verify === "" ? {} : { landing: { verify } }),
  };
}

/** Leaving a question answers it with a symbol. */
function answered<Value extends string>(answer: Value | symbol): Value {
  if (typeof answer === "string") return answer;
  throw new BerthError("INTERRUPTED", "Nothing was set up.", {
    hint: "Start again with: berth init, or without questions: berth init --yes",
  });
}
