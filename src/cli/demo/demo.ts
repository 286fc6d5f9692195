import { BerthError } from "../../errors.ts";
import { type Command, defineCommand, type Opening } from "../command.ts";
import type { Page } from "../style.ts";
import { isLive } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { span } from "../time.ts";
import { usageError } from "../usage-error.ts";
import { type Board, openBoard } from "./board.ts";
import { checkAll } from "./check.ts";
import { type Hand, runCrew } from "./crew.ts";
import type { News } from "./news.ts";
import { makeHub, makePlace, type Place, removePlace } from "./place.ts";
import { makeClones, planWork } from "./setting.ts";
import { type Summary, summaryText, summarize } from "./summary.ts";
import { WORK } from "./work.ts";

const NAMES = ["anna", "bo", "cleo", "dan", "edda", "finn", "greta", "hugo"];
/** Takes over from who is killed for good. */
const SUBSTITUTE = "ida";
/** A hung agent must not keep the demo for ever. */
const LIMIT_MS = 300_000;
/** On a terminal the agents rest between steps, so that one can follow. */
const PACE_MS = 400;

export const command: Command = defineCommand({
  options: {
    agents: { type: "text", value: "N", summary: `How many agents work: 2 to ${NAMES.length}; default: 4` },
    keep: { type: "flag", summary: "Keep the folder, to look around in it" },
    repo: {
      type: "text",
      value: "DIR",
      summary: "Work on a copy of this repository instead of a small generated one; it is only read",
      completes: { kind: "folders" },
    },
  },
  details: [
    "Makes a throw-away hub with clones of it, plans eight sessions, and starts agents, each a process of its own, that race " +
      "for them: they edit, commit, land, log and learn, complete with tests, run into one conflict and resolve it, and abandon " +
      "one session. They lock the files they work on and tell each other in the shared context what is done. One agent is killed in the middle of a claim and goes on; one is killed with kill -9 in the middle of an edit, and another takes its session over, with the lines that were in no commit, and lands them. At the end every statement about what happened is " +
      "checked with a plain git command, or one of Berth for what is in no commit, which is shown. Nothing is left behind, and no repository is needed.",
  ],
  examples: [
    { says: "see it work", line: "berth demo" },
    { says: "look around afterwards", line: "berth demo --keep" },
    { says: "on a copy of your own project", line: "berth demo --repo ." },
  ],
  run: async ({ options, opening, terminal, signal, quiet, clearProgress }) => {
    const agents = agentsOf(options.agents);
    const start = terminal.now();
    const limit = timeLimit(signal);
    clearProgress();
    const place = await makePlace(opening.env, limit.signal, options.repo !== undefined);
    let keep = options.keep;
    try {
      const played = await play({ agents, place, opening, terminal, quiet, repo: options.repo });
      const summary = summarize({ ...played, place, kept: keep, tookMs: terminal.now() - start });
      return {
        data: { summary },
        text: (page: Page) => summaryText(summary, page),
        brief: "",
        exitCode: summary.ok ? 0 : 1,
      };
    } catch (error) {
      keep &&= !signal.aborted;
      throw error;
    } finally {
      limit.clear();
      if (!keep) await removePlace(place);
    }
  },
});

function agentsOf(given: string | undefined): readonly string[] {
  const count = Number(given ?? 4);
  if (Number.isInteger(count) && count >= 2 && count <= NAMES.length) return NAMES.slice(0, count);
  throw usageError(
    `--agents ${given} is not a number from 2 to ${NAMES.length}.`,
    "For example: berth demo --agents 4",
  );
}

function timeLimit(signal: AbortSignal): { readonly signal: AbortSignal; readonly clear: () => void } {
  const late = new AbortController();
  const error = new BerthError("TIMED_OUT", `The demo took longer than ${span(LIMIT_MS)} and was stopped.`, {
    hint: "The machine may be very busy; try again with: berth demo --agents 2",
  });
  const timer = setTimeout(() => late.abort(error), LIMIT_MS);
  return { signal: AbortSignal.any([signal, late.signal]), clear: () => clearTimeout(timer) };
}

/** Everything from the empty folder to the last check. */
async function play(scene: {
  readonly agents: readonly string[];
  readonly place: Place;
  readonly opening: Opening;
  readonly terminal: Terminal;
  readonly quiet: boolean;
  readonly repo: string | undefined;
}): Promise<Pick<Summary, "checks"> & { news: readonly News[]; hands: readonly Hand[]; ids: readonly string[] }> {
  const { agents, place, opening, terminal, quiet } = scene;
  const date = new Date(terminal.now()).toISOString().slice(0, 10);
  const ids = WORK.map(({ slug }) => `${date}-${slug}`);
  const board: Board = openBoard(terminal, ids, quiet);
  try {
    board.say(`making a hub and clones in ${place.dir}`);
    await makeHub(place, scene.repo);
    const hands = await makeClones(place, agents);
    board.say(`planning ${WORK.length} sessions`);
    await planWork(place, hands, date);
    const news: News[] = [];
    const tell = (item: News): void => {
      news.push(item);
      board.tell(item);
    };
    board.say(`${agents.length} agents race for them`);
    const crew = await runCrew(hands, {
      place,
      program: opening.program,
      paceMs: isLive(terminal.stderr, terminal.env) ? PACE_MS : 0,
      victim: agents[1] ?? "",
      capability: WORK.find((work) => work.interrupted)?.capability ?? "",
      substitute: SUBSTITUTE,
      tell,
      signal: place.plain.signal,
    });
    board.say("checking with plain git");
    const clones = new Map(crew.map(({ agent, clone }) => [agent, clone]));
    const checks = await checkAll({ place, news, clones, berth: opening.program });
    board.end(true);
    return { checks, news, hands: crew, ids };
  } catch (error) {
    board.end(false);
    throw error;
  }
}
