import type { OptionSpec } from "../command.ts";

type Text = OptionSpec & { readonly type: "text" };
type Texts = Text & { readonly repeatable: true };

const ANY_STATE = ["drafting", "planned", "active", "completed"] as const;

/** What a new session may be given besides its title. */
export const PLAN_OPTIONS: {
  readonly id: Text;
  readonly context: Text;
  readonly problem: Text;
  readonly criterion: Texts;
  readonly capability: Texts;
  readonly priority: Text & { readonly choices: readonly ["now", "next", "future"] };
  readonly depends: Texts;
  readonly path: Texts;
  readonly risk: Texts;
  readonly edgeCase: Texts;
  readonly subsession: Texts;
  readonly note: Texts;
} = {
  id: { type: "text", value: "ID", summary: "Its id; default: today's date and the title" },
  context: { type: "text", value: "T", summary: "What one must know to do it", prose: true },
  problem: { type: "text", value: "T", summary: "What is wrong or missing", prose: true },
  criterion: {
    type: "text",
    value: "T",
    summary: "Something that must be true when it is done",
    repeatable: true,
    prose: true,
  },
  capability: {
    type: "text",
    value: "C",
    summary: "Something an agent must be able to do to claim it",
    repeatable: true,
  },
  priority: { type: "text", choices: ["now", "next", "future"], summary: "How soon; default: next" },
  depends: {
    type: "text",
    value: "ID",
    summary: "A session that must be completed before",
    repeatable: true,
    completes: { kind: "sessions", states: ANY_STATE },
  },
  path: {
    type: "text",
    value: "GLOB",
    summary: "Files it will touch; overlaps with others are pointed out",
    repeatable: true,
    completes: { kind: "files" },
  },
  risk: { type: "text", value: "T", summary: "What could go wrong", repeatable: true, prose: true },
  edgeCase: { type: "text", value: "T", summary: "A case that must not be forgotten", repeatable: true, prose: true },
  subsession: { type: "text", value: "T", summary: "A part it will be done in", repeatable: true, prose: true },
  note: { type: "text", value: "T", summary: "Anything else", repeatable: true, prose: true },
};

/** The options as the library names them. */
export function planInput(options: {
  readonly id: string | undefined;
  readonly context: string | undefined;
  readonly problem: string | undefined;
  readonly criterion: readonly string[];
  readonly capability: readonly string[];
  readonly priority: "now" | "next" | "future" | undefined;
  readonly depends: readonly string[];
  readonly path: readonly string[];
  readonly risk: readonly string[];
  readonly edgeCase: readonly string[];
  readonly subsession: readonly string[];
  readonly note: readonly string[];
}): {
  readonly id: string | undefined;
  readonly context: string | undefined;
  readonly problem: string | undefined;
  readonly criteria: readonly string[];
  readonly capabilities: readonly string[];
  readonly priority: "now" | "next" | "future" | undefined;
  readonly depends: readonly string[];
  readonly paths: readonly string[];
  readonly risks: readonly string[];
  readonly edgeCases: readonly string[];
  readonly subsessions: readonly string[];
  readonly notes: readonly string[];
} {
  const { criterion, capability, path, risk, edgeCase, subsession, note, ...same } = options;
  return {
    ...same,
    criteria: criterion,
    capabilities: capability,
    paths: path,
    risks: risk,
    edgeCases: edgeCase,
    subsessions: subsession,
    notes: note,
  };
}
