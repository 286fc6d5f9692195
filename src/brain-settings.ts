/** Where notes are kept, and how the session state in them is treated. */
export interface BrainSettings {
  readonly store: "embedded" | "server";
  readonly path: string;
  readonly project: string;
  readonly command: readonly string[];
  readonly url: string;
  readonly timeout: number;
  readonly conflicts: "last-write" | "merge";
  readonly blocks: Readonly<Partial<Record<"analysis" | "planning" | "coding" | "disabled", readonly string[]>>>;
}
