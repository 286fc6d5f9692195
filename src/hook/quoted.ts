/**
 * What somebody else wrote, as it may stand among facts: in quotes, on one line, without what hides or turns text, and
 * not endless. It is data with a source, never an instruction. [INV-9]
 */
export function quoted(text: string, most = 300): string {
  const plain = text
    .replaceAll(/[\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return JSON.stringify(plain.length > most ? `${plain.slice(0, most)}…` : plain);
}

/** A name or path as it may stand in a sentence. */
export function named(text: string): string {
  return /^[\p{L}\p{N} ._\-/@:()+#]{1,200}$/u.test(text) ? text : quoted(text, 200);
}
