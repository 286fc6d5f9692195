import { isoSeconds } from "../clock.ts";
import { writeYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** What a new context begins with; the rest comes from the settings. */
export interface Start {
  readonly id: string;
  readonly at: number;
  readonly operator: string;
  readonly assistant: string | null;
  readonly title: string;
  readonly priority?: string | undefined;
  readonly issue?: string | number | undefined;
  readonly url?: string | undefined;
  readonly branch: string;
  readonly phase?: string | undefined;
  /** Nobody works on it yet. */
  readonly waits?: boolean;
}

/**
 * The text of a new context: every key that is required, and the lists that are filled as work goes on. [CTX-01]
 * @throws BerthError INVALID where the settings name a phase or mode that they do not have
 */
export function startingContext({ config }: Pick<Project, "config">, start: Start): string {
  const { modes, phases } = vocabularyOf(config);
  const phase = start.phase ?? config.context.start.phase;
  const known = phases.get(phase);
  // A phase of its own says how it is worked on, and by whom.
  const mode = start.phase === undefined ? config.context.start.mode : (known?.mode ?? config.context.start.mode);
  const agent = start.phase === undefined ? config.context.start.agent : (known?.owner ?? config.context.start.agent);
  const tools = modes.get(mode)?.tools;
  if (known === undefined || tools === undefined)
    throw new BerthError(
      "INVALID",
      `The settings have no ${known === undefined ? `phase ${phase}` : `mode ${mode}`}.`,
      {
        hint: "See context.phases and context.modes with: berth config",
      },
    );
  const at = isoSeconds(start.at);
  const data = {
    session_id: start.id,
    started_at: at,
    last_updated: at,
    operator: start.operator,
    ...(start.assistant === null ? {} : { assistant: start.assistant }),
    status: start.waits === true ? "open" : "active",
    mode,
    phase,
    agent,
    task: {
      issue_number: start.issue ?? null,
      title: start.title,
      url: start.url ?? null,
      priority: start.priority ?? "next",
      status: start.waits === true ? "ready" : "in_progress",
    },
    branch: start.branch,
    todos: [],
    created_files: [],
    modified_files: [],
    decisions: [],
    blockers: [],
    next_steps: [],
    handoff_requirements: [],
    allowed_tools: tools,
  };
  return `---\n${writeYaml(data)}---\n\n# ${start.title}\n`;
}
