import { BerthError } from "../errors.ts";

/** The five states of a session, which are the folders of the ledger. */
export const STATES = ["drafting", "planned", "active", "completed", "abandoned"] as const;
export type State = (typeof STATES)[number];

/** Files of a session's folder, in the ledger and in a workspace's `.session/`. */
export const FILE = {
  plan: "SESSION.md",
  worklog: "worklog.md",
  activePlan: "active-plan.md",
  subsessions: "subsessions.md",
  context: "ACTIVE_SESSION.md",
  environment: ".session-env",
  handoff: "handoff.md",
  claim: "claim.yaml",
} as const;

export const LOCK_FILE = "sessions.lock";

/** The session's own folder in every workspace. */
export const SESSION_DIR = ".session";

/** Which verb leads from a state to which. */
const TRANSITIONS: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  drafting: { ready: "planned", abandon: "abandoned" },
  planned: { claim: "active", abandon: "abandoned" },
  active: { complete: "completed", abandon: "abandoned", release: "planned" },
  completed: {},
  abandoned: {},
};

/** `<state>/<id>`, or a path below it. */
export function folder(state: State, id: string, file?: string): string {
  return file === undefined ? `${state}/${id}` : `${state}/${id}/${file}`;
}

/** The branch a session is worked on. */
export function sessionBranch(id: string): string {
  return `session/${id}`;
}

/** Knowledge sessions carry fewer files and may write canonical knowledge. */
export function isKnowledgeSession(id: string): boolean {
  return id.startsWith("kb-");
}

/**
 * @throws BerthError WRONG_STATE that says which steps are possible from where the session is
 */
export function requireTransition(id: string, from: State, verb: string): void {
  if (!Object.hasOwn(TRANSITIONS[from], verb)) throw notPossible(id, from, verb);
}

/** The refusal of a verb in a state that it does not fit. */
export function notPossible(id: string, from: State, verb: string): BerthError {
  const possible = Object.entries(TRANSITIONS[from]).map(([step, to]) => `${step} (to ${to})`);
  const next = possible.length > 0 ? `From there: ${possible.join(", ")}.` : "That is an end; draft a new session.";
  return new BerthError("WRONG_STATE", `${id} is ${from}, where ${verb} is not possible. ${next}`, {
    hint: `See it with: berth show ${id}`,
    facts: { session: id, state: from, wanted: verb, possible: Object.values(TRANSITIONS[from]) },
  });
}
