/**
 * A word as a person can type it into a shell: what others named, names of agents and keys among it, must not become a
 * command in a suggestion. [INV-9]
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A word that a verb takes, with the options that go with it: one that begins like an option stands behind `--`. */
export function operand(text: string, options = ""): string {
  const words = text.startsWith("-") ? [options, "--", shellWord(text)] : [shellWord(text), options];
  return words.filter((word) => word !== "").join(" ");
}

/** An option with its value, which may begin like an option itself. */
export function optionOf(name: string, value: string): string {
  return `${name}${value.startsWith("-") ? "=" : " "}${shellWord(value)}`;
}
