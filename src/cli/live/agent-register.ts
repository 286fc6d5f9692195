import { optionOf } from "../../shell-word.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import { plain } from "../text.ts";
import { AGENT_ID, verbsOf, wholeNumber } from "./arguments.ts";

export const command: Command = defineCommand({
  options: {
    ...AGENT_ID,
    role: { type: "text", summary: "What it does: frontend, backend, testing, assistant, or your own word" },
    capability: { type: "text", summary: "What it can do", repeatable: true },
    session: { type: "text", summary: "The session it works on", completes: { kind: "sessions", states: ["active"] } },
    client: { type: "text", summary: "The program it runs in" },
    pid: {
      type: "text",
      value: "N",
      summary:
        "The process that lives as long as the agent; not a shell of one command; without it nobody can show it to be dead",
    },
  },
  writes: true,
  details: [
    "A name that another living agent has is refused. Registering again says what has changed: from the same process; or, where either time no --pid was given, from the same folder, " +
      "if it contradicts nothing that was said before or if you go by that name yourself (--agent, BERTH_AGENT).",
  ],
  examples: [{ says: "say that you are there", line: "berth agent register --id reviewer --role testing --pid $$" }],
  run: async ({ options, dryRun, open }) => {
    const berth = await open();
    const { role, client, session, capability } = options;
    const { agent } = await verbsOf(berth, dryRun).register({
      id: options.id ?? berth.project.caller.name,
      role,
      client,
      session,
      ...(capability.length > 0 ? { capabilities: capability } : {}),
      pid: wholeNumber(options.pid, "--pid"),
    });
    if (dryRun) return dryRunResult({ plan: { agent } });
    return {
      data: { agent },
      text: (page) =>
        report(page, {
          headline: `Registered ${page.style("bold", plain(agent.id))} as ${plain(agent.role)}`,
          facts: [["session", agent.session]],
          next: [[`berth agent beat ${optionOf("--id", agent.id)}`, "a sign of life; every other verb is one too"]],
        }),
      brief: agent.id,
    };
  },
});
