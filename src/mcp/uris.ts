/** What can be read, and followed. */
export const SESSIONS = "berth://sessions";
export const LOCKS = "berth://locks";
export const SHARED = "berth://shared";
export const CONTEXT = "berth://context";
export const SESSION = "berth://session";

/** A part of what an address names, in whatever characters: a session's id, a key path. */
export function within(uri: string, part: string): string {
  return `${uri}/${encodeURIComponent(part)}`;
}

/** The part of an address behind another one; null where it is another address. */
export function partOf(uri: string, above: string): string | null {
  if (!uri.startsWith(`${above}/`)) return null;
  try {
    return decodeURIComponent(uri.slice(above.length + 1));
  } catch {
    return null;
  }
}
