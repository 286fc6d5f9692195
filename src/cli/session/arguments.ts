import type { ArgumentSpec, OptionSpec, SessionState } from "../command.ts";

/** A session that must be named. */
export function sessionArgument(states: readonly SessionState[]): ArgumentSpec & { readonly required: true } {
  return { summary: "The session's id", required: true, completes: { kind: "sessions", states } };
}

/** A session that is found from where one stands when it is left out. */
export function sessionHere(states: readonly SessionState[]): ArgumentSpec {
  return {
    summary: "The session's id; inside a workspace it may be left out",
    completes: { kind: "sessions", states },
  };
}

/** The same for verbs whose argument is something else. */
export const SESSION_OPTION: OptionSpec = {
  type: "text",
  value: "ID",
  summary: "The session; inside a workspace it may be left out",
  completes: { kind: "sessions", states: ["active"] },
};

/** Options of landing, with and without completing. */
export const MESSAGE_OPTION: OptionSpec = {
  type: "text",
  value: "M",
  summary: "Body of the commit on the base branch",
  prose: true,
};
export const VERIFY_OPTION: OptionSpec = {
  type: "text",
  value: "CMD",
  summary: "Shell command that must pass on exactly the tree that lands, besides the configured one",
};

/** Why a session is given up; others will read it. */
export const REASON_OPTION: OptionSpec & { readonly required: true } = {
  type: "text",
  value: "T",
  summary: "Why; it is written down with the session",
  required: true,
  prose: true,
};
