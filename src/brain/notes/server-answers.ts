import { unavailable } from "./server-failure.ts";
import type { ServerLink } from "./server-link.ts";

/** An answer of a tool as data. @throws BrainUnavailableError where it is none: guidance for people is no answer */
export function dataOf(answer: unknown, tool: string, link: ServerLink): Readonly<Record<string, unknown>> {
  if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) return answer as Record<string, unknown>;
  throw senseless(answer, tool, link);
}

/** The error for an answer that is not what the tool answers. */
export function senseless(answer: unknown, tool: string, { place }: ServerLink): Error {
  const said = (typeof answer === "string" ? answer : JSON.stringify(answer)).replaceAll(/\s+/g, " ").slice(0, 200);
  return unavailable("nonsense", `The notes' server (${place}) answers ${tool} with what makes no sense: ${said}`, {
    place,
    said,
  });
}

export function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
