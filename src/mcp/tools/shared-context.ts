import { BerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import { oneLine } from "../one-line.ts";
import { type SharedInput, sharedInput, sharedOutput } from "../schema-live.ts";
import { type Answer, defineTool, type Tool } from "../tool.ts";
import type { Verbs } from "../../verbs.ts";

export const sharedContextTool: Tool = defineTool({
  name: "shared_context",
  title: "Shared context",
  description:
    "Read and write the document that all agents share: values at key paths. What others wrote meanwhile is merged; where both changed the same, both values are kept as a conflict to resolve.",
  input: sharedInput,
  output: sharedOutput,
  reads: false,
  repeatable: true,
  run: async (input, { seat, at }) => ACTIONS[input.action](at(seat.home), input),
});

const ACTIONS: Readonly<Record<SharedInput["action"], (verbs: Verbs, input: SharedInput) => Promise<Answer>>> = {
  get: async (verbs, { key }) => {
    const found = await verbs.sharedGet({ path: key });
    const value = found.found ? JSON.stringify(found.value) : "nothing";
    return { data: found, text: `${nameOf(key)} at version ${found.version}: ${value}${conflictLines(found)}` };
  },
  set: async (verbs, input) => {
    if (input.value === undefined) throw missing("value", 'shared_context {action: "set", key: "plan", value: …}');
    return write(verbs, input, input.value as Json);
  },
  remove: (verbs, input) => write(verbs, input, undefined),
  resolve: async (verbs, { key = "", value, take, message }) => {
    if (take === undefined && value === undefined)
      throw missing("take or value", 'shared_context {action: "resolve", key, take: "theirs"}');
    const decision = (take === undefined ? { value } : { take }) as Decision;
    const resolved = await verbs.sharedResolve({ path: key, decision, message });
    return { data: resolved, text: `${nameOf(key)} is decided, with version ${resolved.version}.` };
  },
};

type Decision = Parameters<Berth["sharedResolve"]>[0]["decision"];
type Json = Parameters<Berth["sharedSet"]>[0]["value"];

async function write(verbs: Verbs, { key, base, message }: SharedInput, value: Json): Promise<Answer> {
  if (key === undefined) throw missing("key", "an empty one is the whole document");
  const written = await verbs.sharedSet({ path: key, value, base, message });
  const how = written.conflict ? "stands as it was, and your value beside it" : "is written";
  const merged = written.merged ? ", merged with what others wrote" : "";
  return {
    data: written,
    text: `${nameOf(key)} ${how}${merged}: version ${written.version}.${conflictLines(written)}`,
  };
}

function nameOf(key: string | undefined): string {
  return key === undefined || key === "" ? "The whole document" : oneLine(key);
}

type Conflicts = Pick<Awaited<ReturnType<Berth["sharedGet"]>>, "conflicts">;

function conflictLines({ conflicts }: Conflicts): string {
  return conflicts
    .map(
      ({ path, oursBy, theirsBy }) =>
        `\nConflict at ${path}: ${oursBy ?? "somebody"} and ${theirsBy} wrote different values. Decide with action resolve.`,
    )
    .join("");
}

function missing(what: string, example: string): BerthError {
  return new BerthError("USAGE", `There is no ${what}.`, { hint: `For example: ${example}` });
}
