/** What is not changed, and what a person does about it. */
export interface Left {
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}
