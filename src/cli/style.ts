import { styleText } from "node:util";

/** Paints text, or leaves it as it is where colours are off. */
export type Style = (format: Tone, text: string) => string;

/** The few looks there are, so that one thing looks the same everywhere. */
export type Tone = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** What a verb's text is made for. */
export interface Page {
  readonly style: Style;
  /** Columns of the terminal; infinite where the output is not one, so that nothing is cut from a file. */
  readonly width: number;
  /** The time relative times are counted from, in milliseconds. */
  readonly now: number;
}

/** A page on which nothing is painted or cut. */
export function plainPage(now: number): Page {
  return { style: (_tone, text) => text, width: Number.POSITIVE_INFINITY, now };
}

/** A page for one output stream. */
export function pageFor(stream: OutputStream, env: Environment, now: number): Page {
  const painted = usesColour(stream, env);
  return {
    style: painted ? (tone, text) => styleText(tone, text, { validateStream: false }) : (_tone, text) => text,
    width: stream.isTTY === true ? Math.max(40, stream.columns || 80) : Number.POSITIVE_INFINITY,
    now,
  };
}

/** What is asked of a stream to print on it. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether colours are used on a stream. An explicit FORCE_COLOR decides; else NO_COLOR, CI, TERM=dumb and anything
 * that is not a terminal turn them off.
 */
export function usesColour(stream: OutputStream, env: Environment): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return !["0", "false"].includes(forced);
  if (isSet(env["NO_COLOR"])) return false;
  return isLive(stream, env);
}

/** Whether a line on this stream may be repainted: a terminal with a person before it. */
export function isLive(stream: OutputStream, env: Environment): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb" && (!isSet(env["CI"]) || env["CI"] === "false");
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
