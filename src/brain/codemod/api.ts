/** What the old module of the session state offered, and what became of it. [SIR-10] [SIR-13] */

/** Gone, with the id that they gave or took. */
export const REMOVED = ["getCurrentSessionId", "getSessionId", "setCurrentSessionId", "cleanupOrphanSessions"] as const;

/** Still there; most without the id that they took or gave. */
export const KEPT = [
  "initSession",
  "getSession",
  "loadSession",
  "setSession",
  "cleanupSession",
  "saveAgentContext",
  "loadAgentContext",
] as const;

/** Types that the new module has under the same name. */
const TYPES = ["SessionState", "SessionUpdates", "WorkflowMode", "AgentInvocation"] as const;

export const NAMES: readonly string[] = [...REMOVED, ...KEPT, ...TYPES];

export function isRemoved(name: string): boolean {
  return (REMOVED as readonly string[]).includes(name);
}

export function isKept(name: string): boolean {
  return (KEPT as readonly string[]).includes(name);
}

/** Functions that answer with a state. */
export function answersState(name: string | undefined): boolean {
  return name === "getSession" || name === "setSession" || name === "loadSession";
}

/** Functions that only read an id. */
export function readsId(name: string | undefined): boolean {
  return name === "getCurrentSessionId" || name === "getSessionId";
}

/** Where the id stood among the arguments, and how many there are without it. */
const ID_ARGUMENTS: Readonly<Record<string, { readonly at: number; readonly rest: number }>> = {
  getSession: { at: 0, rest: 0 },
  loadSession: { at: 0, rest: 0 },
  setSession: { at: 1, rest: 1 },
  saveAgentContext: { at: 0, rest: 2 },
  loadAgentContext: { at: 0, rest: 1 },
};

/** The argument that a function loses; undefined for one that took no id. */
export function idArgument(name: string | undefined): { readonly at: number; readonly rest: number } | undefined {
  return name !== undefined && Object.hasOwn(ID_ARGUMENTS, name) ? ID_ARGUMENTS[name] : undefined;
}

/** What a person does about a use that is left. */
export function advice(name: string): string {
  switch (name) {
    case "getCurrentSessionId":
    case "getSessionId":
      return "Use getSession() where the state was meant, and its version where an id only told states apart.";
    case "setCurrentSessionId":
      return "Remove it: there is one session per project, found by where the program runs.";
    case "cleanupOrphanSessions":
      return "Remove it: one session per project leaves no orphans.";
    case "initSession":
      return "Do without its value, then write: initSession();";
    case "sessionId":
      return "Remove it, or use the state's version where the id only told states apart.";
    default:
      return `Call ${name} without a session id.`;
  }
}
