import type { Readable } from "node:stream";
import type { Environment, OutputStream } from "./style.ts";

/** The world outside as the program sees it: the one place that reads it is `main`. */
export interface Terminal {
  readonly env: Environment;
  /** Null when the folder does not exist any more. */
  readonly cwd: string | null;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & OutputStream;
  readonly stderr: NodeJS.WritableStream & OutputStream;
  readonly now: () => number;
}
