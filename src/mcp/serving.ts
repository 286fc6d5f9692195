import type { OpenOptions } from "../open.ts";

/** What a server needs from the surface that starts it. */
export interface Serving {
  readonly folder: string;
  readonly opening: OpenOptions;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told of what goes wrong beside the calls. */
  readonly complain: (error: unknown) => void;
}

/** No honest message is longer. */
export const MOST_BYTES: number = 4 * 1024 * 1024;

/** Resolves when a server is to end. */
export function stopped({ signal }: Pick<Serving, "signal">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
