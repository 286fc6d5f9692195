import { BerthError } from "../../errors.ts";
import type { Berth } from "../../open.ts";
import { oneLine } from "../one-line.ts";
import { sessionInput, sessionOutput } from "../schema-notes.ts";
import { placeOf } from "../seat.ts";
import { type Answer, defineTool, type Tool } from "../tool.ts";

export const sessionTool: Tool = defineTool({
  name: "session",
  title: "Mode, task, feature",
  description:
    "Get or set the session state: mode (analysis, planning, coding, disabled), task and feature in work. gate: whether the mode lets a tool be used.",
  input: sessionInput,
  output: sessionOutput,
  reads: false,
  repeatable: true,
  run: async ({ operation, tool, mode, task, feature }, { seat, at }) => {
    const verbs = at(await placeOf(seat, undefined));
    if (operation === "get") return shown(await verbs.stateGet(), []);
    if (operation === "set") {
      const { warnings, conflict } = await verbs.changeSession({ mode, task, feature });
      const over = conflict ? [`Somebody wrote at the same time: their version ${conflict.overwritten} is kept.`] : [];
      return shown(await verbs.stateGet(), [...warnings, ...over]);
    }
    if (tool === undefined)
      throw new BerthError("USAGE", "Which tool is to be used?", {
        hint: 'For example: session {operation: "gate", tool: "Edit"}',
      });
    const gated = await verbs.stateGate({ tool });
    return { data: gated, text: gated.reason ?? `${oneLine(tool)} may be used.` };
  },
});

type Shown = Awaited<ReturnType<Berth["stateGet"]>>;

/** The last of so many changes of the mode. */
const MODES_SHOWN = 5;

function shown({ state, modeDescription, warnings }: Shown, more: readonly string[]): Answer {
  const { currentMode, activeTask, activeFeature, version, updatedAt, modeHistory } = state;
  const data = {
    mode: currentMode,
    modeDescription,
    task: activeTask ?? null,
    feature: activeFeature ?? null,
    version,
    updatedAt,
    modeHistory: modeHistory.slice(-MODES_SHOWN),
    warnings: [...warnings, ...more],
  };
  const said = [`Mode ${currentMode} (${modeDescription})`, `task ${oneLine(activeTask ?? "none")}`];
  return { data, text: [...said, `feature ${oneLine(activeFeature ?? "none")}`, ...data.warnings].join("; ") };
}
