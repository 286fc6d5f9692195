/** Trailers of Berth's commits, on the ledger and on the base branch. */
export interface Trailers {
  readonly session: string;
  readonly agent?: string;
  readonly epoch?: number;
  readonly landed?: string;
  readonly coAuthors?: readonly { readonly name: string; readonly email: string }[];
}

/** A commit message: subject, optional body, trailers. Names lose what could forge a line. */
export function message(subject: string, trailers: Trailers, body = ""): string {
  const lines = [`Berth-Session: ${trailers.session}`];
  if (trailers.agent !== undefined) lines.push(`Berth-Agent: ${oneLine(trailers.agent)}`);
  if (trailers.epoch !== undefined) lines.push(`Berth-Epoch: ${trailers.epoch}`);
  if (trailers.landed !== undefined) lines.push(`Berth-Landed: ${trailers.landed}`);
  for (const who of trailers.coAuthors ?? []) {
    lines.push(
      `Co-authored-by: ${oneLine(who.name).replaceAll(/[<>]/g, "")} <${oneLine(who.email).replaceAll(/[<>\s]/g, "")}>`,
    );
  }
  return `${[oneLine(subject), body.trim(), lines.join("\n")].filter((part) => part !== "").join("\n\n")}\n`;
}

/** Text as one line without control and bidirectional characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** `[id] type: description`, or the override form; null when the subject is neither. */
export function parseSubject(subject: string): { id: string; type: string; description: string } | null {
  const match = /^\[([a-z0-9][a-z0-9-]*)\] ([a-z]+(?:\([^()]+\))?!?|OVERRIDE): (.*\S.*)$/.exec(subject);
  return match ? { id: match[1] ?? "", type: match[2] ?? "", description: match[3] ?? "" } : null;
}
