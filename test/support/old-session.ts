import { type CodePlan, planCode } from "../../src/brain/codemod/plan.ts";

/** The module that offered the state before, reduced to what it exports. */
export const OLD = `export interface SessionState { sessionId: string; currentMode: string; version: number }
export type SessionUpdates = { mode?: string; task?: string };
export function initSession(): string { return "id"; }
export function getCurrentSessionId(): string | null { return null; }
export const getSessionId = getCurrentSessionId;
export async function setCurrentSessionId(id: string): Promise<void> {}
export async function getSession(id?: string): Promise<SessionState | null> { return null; }
export async function setSession(updates: SessionUpdates, id?: string): Promise<SessionState | null> { return null; }
export async function cleanupSession(): Promise<void> {}
export async function cleanupOrphanSessions(): Promise<void> {}
`;

export const OLD_PLACE = "src/session/index.ts";

/** Plans the change of some files beside the old module. */
export function planBeside(
  files: Readonly<Record<string, string>>,
  options: { readonly from?: readonly string[]; readonly to?: string } = {},
): CodePlan {
  const { from = [], to = "berth/session-state" } = options;
  return planCode(new Map(Object.entries({ [OLD_PLACE]: OLD, ...files })), { from, to });
}

/** One file, as it becomes, and what is left in it: line, column and what. */
export function changed(
  text: string,
  path = "src/a.ts",
): { readonly text: string; readonly left: readonly string[]; readonly why: readonly string[] } {
  const plan = planBeside({ [path]: text });
  return {
    text: plan.changes.find((change) => change.path === path)?.after ?? text,
    left: plan.left.map(({ line, column, what }) => `${line}:${column} ${what}`),
    why: plan.left.map(({ why }) => why),
  };
}
