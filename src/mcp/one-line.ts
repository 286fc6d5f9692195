/** Text of others within a line of ours: nothing of it can begin a line of its own, which would read as ours. [INV-9] */
export function oneLine(text: string, most: number = 400): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
