import type { Config } from "../config.ts";

/** A way of working: the tools it needs, and the agents who usually own it. */
export interface Mode {
  readonly tools: readonly string[];
  readonly owners: readonly string[];
}

/** A step of the way from an idea to what is in use. */
export interface Phase {
  readonly mode: string;
  readonly owner: string;
  /** The phase whose ticket is opened when this one is closed; null at an end. */
  readonly next: string | null;
  /** Files that must be there when the phase is closed, relative to the ticket's `artifacts/`. */
  readonly artifacts: readonly string[];
}

/** The words a project uses in its contexts and tickets. */
export interface Vocabulary {
  readonly modes: ReadonlyMap<string, Mode>;
  readonly phases: ReadonlyMap<string, Phase>;
  readonly agents: readonly string[];
}

/** How soon, the soonest first. */
export const PRIORITIES = ["now", "next", "future"] as const;

const COMMON = ["Read", "Write", "TodoWrite", "Bash(git:*)", "Bash(gh:*)"];
const PYTHON = "Bash(python:*)";
const TEST = "Bash(test:*)";

/** origins A2: which tools a mode adds to those that all have, and who owns it. */
const MODES: Readonly<Record<string, Mode>> = {
  intake: mode(["onboarder"]),
  discover: mode(["onboarder"], "WebFetch"),
  scope: mode(["onboarder", "conductor"]),
  design: mode(["studio", "lab"], PYTHON),
  build: mode(["lab", "studio"], PYTHON, TEST),
  evaluate: mode(["evaluator"], PYTHON, TEST),
  deliver: mode(["studio", "ops"], TEST),
  operate: mode(["ops", "evaluator"], "WebFetch"),
  improve: mode(["improver", "lab"], PYTHON, TEST),
};

/** origins A2; `enablement` is in no pipeline, and is the phase of nearly every context that was ever written. */
const PHASES: Readonly<Record<string, Phase>> = {
  enablement: phase("build", "conductor", null),
  opportunity: phase("intake", "onboarder", "discovery"),
  discovery: phase("discover", "onboarder", "readiness"),
  readiness: phase("discover", "onboarder", "scope"),
  scope: phase("scope", "onboarder", "pre-kickoff"),
  "pre-kickoff": phase("scope", "onboarder", "data-sources"),
  "data-sources": phase("design", "lab", "extraction"),
  extraction: phase("build", "lab", "preparation"),
  preparation: phase("build", "lab", "exploration"),
  exploration: phase("build", "lab", "feature-engineering"),
  "feature-engineering": phase("build", "lab", "training"),
  training: phase("build", "lab", "validation"),
  validation: phase("evaluate", "evaluator", "deployment"),
  deployment: phase("deliver", "ops", "monitoring"),
  monitoring: phase("operate", "ops", "evaluation"),
  evaluation: phase("evaluate", "evaluator", "improvement"),
  improvement: phase("improve", "improver", "retraining"),
  retraining: phase("improve", "improver", "monitoring"),
};

const AGENTS = ["conductor", "onboarder", "lab", "studio", "ops", "evaluator", "improver"];

/** The project's own words where it has any, else those of the decision record. [CTX-10] */
export function vocabularyOf(config: Pick<Config, "context">): Vocabulary {
  const { modes, phases, agents } = config.context;
  return {
    modes: new Map(Object.entries(modes ?? MODES)),
    phases: new Map(Object.entries(phases ?? PHASES)),
    agents: agents ?? AGENTS,
  };
}

function mode(owners: readonly string[], ...tools: readonly string[]): Mode {
  return { owners, tools: [...COMMON, ...tools] };
}

function phase(named: string, owner: string, next: string | null): Phase {
  return { mode: named, owner, next, artifacts: [] };
}
