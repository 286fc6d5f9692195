/**
 * A word as a person can type it into a shell: what others named, names of agents and keys among it, must not become a
 * command in a suggestion. [INV-9]
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
