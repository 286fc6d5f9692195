import type { Verbs } from "../../verbs.ts";
import type { Result } from "../command.ts";
import { report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";

export type State = Awaited<ReturnType<Verbs["getSession"]>>;

/** The state for people, and as it is for programs. */
export function stateResult(
  state: State,
  more: { readonly headline?: string; readonly description?: string; readonly warnings?: readonly string[] },
): Result {
  const { headline, description, warnings = [] } = more;
  return {
    data: { ...state, ...(description !== undefined && { modeDescription: description }), warnings },
    text: (page) =>
      report(page, {
        headline: plain(headline ?? `Mode ${state.currentMode}${description ? `: ${description}` : ""}`),
        facts: [
          ["task", state.activeTask],
          ["feature", state.activeFeature],
          ["modes", lastModes(state)],
          ["agent", state.orchestratorWorkflow?.activeAgent],
          ["version", `${state.version}, ${ago(state.updatedAt, page.now)}`],
        ],
      }),
    brief: state.currentMode,
    notes: warningNotes(warnings),
  };
}

function lastModes({ modeHistory }: State): string {
  return modeHistory
    .slice(-5)
    .map(({ mode }) => mode)
    .join(" → ");
}
