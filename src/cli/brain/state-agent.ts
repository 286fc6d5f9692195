import type { AgentInvocation } from "../../index.ts";
import { type Command, defineCommand } from "../command.ts";
import { outline } from "../outline.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";
import { jsonArgument } from "./json-argument.ts";

export const command: Command = defineCommand({
  arguments: { agent: { summary: "An agent's name, such as implementer", required: true } },
  options: { save: { type: "text", value: "JSON", prose: true, summary: "Keep this record, instead of showing it" } },
  writes: true,
  details: [
    "What the agent was called for, and with which outcome. A record has agent, startedAt, completedAt, status, input, output, handoffFrom, handoffTo and handoffReason.",
  ],
  examples: [
    { says: "what the planner did last", line: "berth state agent planner" },
    { says: "keep a record from a file", line: "berth state agent planner --save - < record.json" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { agent } = args;
    const berth = await open();
    if (options.save === undefined) {
      const record = await berth.loadAgentContext(agent);
      return {
        data: { agent, record },
        text: (page) => (record ? outline(record, page) : plain(`There is no record of ${agent}.`)),
      };
    }
    const example = "berth state agent qa --save - < record.json";
    const given = (await jsonArgument(options.save, "record", example)) as AgentInvocation;
    if (dryRun) return dryRunResult({ plan: { agent, record: given } });
    await berth.saveAgentContext(agent, given);
    return { data: { agent, record: given }, text: () => plain(`The record of ${agent} is kept.`), brief: agent };
  },
});
