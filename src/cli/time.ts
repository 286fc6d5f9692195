/** How long ago a moment was, for people: "12 s ago", "3 h ago", "5 d ago". Empty for no or no readable moment. */
export function ago(iso: string | null | undefined, now: number): string {
  const then = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(then)) return "";
  return now - then < 1000 ? "just now" : `${span(Math.floor((now - then) / 1000) * 1000)} ago`;
}

/** A length of time in its largest fitting unit. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${Math.floor(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
