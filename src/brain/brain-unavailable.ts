import { BerthError } from "../errors.ts";

/**
 * The store of notes cannot be asked: it is down, does not answer in time, or answers what makes no sense. Nothing is
 * known about the notes then, and nothing may be written in place of them. [SIR-11]
 */
export class BrainUnavailableError extends BerthError {
  override readonly name: string = "BrainUnavailableError";

  constructor(
    message: string,
    options: { hint?: string; facts?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super("BRAIN_UNAVAILABLE", message, options);
  }
}
