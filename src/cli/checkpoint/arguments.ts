import type { ArgumentSpec } from "../command.ts";

/** A checkpoint that must be named. */
export const CHECKPOINT_ARGUMENT: ArgumentSpec & { readonly required: true } = {
  summary: "The checkpoint: its reference, the last part of it, or its commit",
  required: true,
};
