/** One reason why work may not land. */
export interface GateProblem {
  readonly gate: "session-folder" | "frozen-plan" | "knowledge" | "commit" | "context" | "ticket";
  readonly message: string;
  readonly paths: readonly string[];
}
