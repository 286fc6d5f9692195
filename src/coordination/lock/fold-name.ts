/**
 * When two names are one name. Unicode forms are one everywhere (NFC). Where the file system ignores case, names are
 * one as soon as any such system may treat them as one: APFS and ext4's casefold fold fully (`ß` is `ss`) and pass over
 * characters that show nothing, NTFS and HFS+ fold less. Folding too much refuses a lock that could have been granted;
 * folding too little grants one file twice.
 */

/** What of a name is compared. */
export function nameKey(name: string, ignoreCase: boolean): string {
  return ignoreCase ? foldName(name) : name.normalize("NFC");
}

function foldName(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toLowerCase();
  let folded = "";
  // Character by character: in a whole word the last `Σ` would become another letter than in the middle.
  for (const char of name.normalize("NFD").replace(/\p{Default_Ignorable_Code_Point}/gu, "")) {
    // Down first for `ẞ`, which has no capital; up for letters that share one (`ς` and `σ`, `ſ` and `s`).
    folded += char.toLowerCase().toUpperCase().toLowerCase();
  }
  return folded.normalize("NFC");
}

/** One character that folding changes. */
export interface FoldedCharacter {
  readonly codePoint: number;
  /** One character or more: `ﬃ` becomes `ffi`. */
  readonly folded: string;
}

let table: readonly FoldedCharacter[] | undefined;

/** Every character that folding changes into another, or into several; made when it is first asked for. */
export function foldedCharacters(): readonly FoldedCharacter[] {
  if (table) return table;
  const found: FoldedCharacter[] = [];
  // No letter with case stands above the second plane, and what NFC never holds is in no path.
  for (let codePoint = 0x41; codePoint < 0x20000; codePoint++) {
    const char = String.fromCodePoint(codePoint);
    if (!/[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u.test(char)) continue;
    const folded = foldName(char);
    if (folded !== char && folded !== "" && char.normalize("NFC") === char) found.push({ codePoint, folded });
  }
  table = found;
  return found;
}
