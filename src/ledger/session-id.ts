import { BerthError } from "../errors.ts";

const form = /^(?:kb-)?(\d{4}-\d{2}-\d{2})-[a-z0-9]+(?:-[a-z0-9]+)*$/;
const maxLength = 100;

/** True for `YYYY-MM-DD-slug` and `kb-YYYY-MM-DD-slug` with a date the calendar has. */
export function isSessionId(text: string): boolean {
  const date = form.exec(text)?.[1];
  return date !== undefined && text.length <= maxLength && isCalendarDate(date);
}

/** @throws BerthError INVALID naming the form, when `text` is no session id */
export function sessionId(text: string): string {
  if (isSessionId(text)) return text;
  throw new BerthError("INVALID", `Not a session id: ${JSON.stringify(text.slice(0, 120))}${why(text)}.`, {
    hint: "Ids look like 2025-10-14-auth-system, those of knowledge sessions like kb-2025-10-14-merge-auth.",
    facts: { id: text.slice(0, 200) },
  });
}

function why(text: string): string {
  if (text.length > maxLength) return `, it has ${text.length} characters of at most ${maxLength}`;
  const date = form.exec(text)?.[1];
  if (date) return `, the calendar has no ${date}`;
  if (form.test(text.toLowerCase())) return ", letters must be lower case";
  return /^(?:kb-)?\d{4}-\d{2}-\d{2}-/.test(text)
    ? ", behind the date stand lower-case letters, digits and single dashes"
    : "";
}

/** The date in a session id. */
export function dateOf(id: string): string {
  return form.exec(id)?.[1] ?? "";
}

/** True for `YYYY-MM-DD` when the calendar has that day. */
export function isCalendarDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().slice(0, 10) === text;
}

/** A slug for any title: lower-case ASCII words joined by dashes, cut at a word; never empty. */
export function slugOf(title: string, max = 60): string {
  const ascii = title
    .slice(0, 1000)
    .toLowerCase()
    .replaceAll("&", " and ")
    .normalize("NFKD")
    .replaceAll(/[^\0-\u007f]/gu, (character) => letters.get(character) ?? (/\p{M}/u.test(character) ? "" : " "));
  const words = ascii
    .replaceAll(/['`]/g, "")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  let slug = "";
  for (const word of words) {
    const longer = slug === "" ? word.slice(0, max) : `${slug}-${word}`;
    if (longer.length > max) break;
    slug = longer;
  }
  return slug === "" ? "session" : slug;
}

// Letters that have no ASCII base letter under NFKD, spelled as passports and road signs do.
const letters: ReadonlyMap<string, string> = new Map(
  (
    "ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ı i ŋ ng ŧ t ’ | ‘ | " +
    "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o " +
    "а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch " +
    "ъ | ы y ь | э e ю yu я ya є ye і i ґ g ђ dj ј j љ lj њ nj ћ c џ dz"
  )
    .split(" ")
    .reduce<[string, string][]>((pairs, part, at, all) => {
      if (at % 2 === 0) pairs.push([part, (all[at + 1] ?? "").replace("|", "")]);
      return pairs;
    }, []),
);
