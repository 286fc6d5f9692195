import { slug } from "./board.ts";
import { type Outcome, sessionsThat, type Statement } from "./statement.ts";

/** What the agents knew of each other while they worked, asked of Berth itself: the live layer is in no commit. */
export function company({ clones, news }: Outcome): Statement[] {
  const [clone = ""] = clones.values();
  const completed = sessionsThat(news, "completed").map((id) => slug(id));
  return [
    {
      says: "the shared context names each completed session, though all agents wrote it",
      program: "berth",
      ask: [clone, "shared", "get", "done", "--json"],
      holds: ([line = "{}"]) => {
        const { value } = JSON.parse(line) as { readonly value?: object };
        return completed.length > 0 && completed.every((name) => Object.hasOwn(value ?? {}, name));
      },
    },
    {
      says: "its history is what was written, version by version",
      program: "berth",
      ask: [clone, "shared", "verify", "--json"],
      holds: ([line = "{}"]) => (JSON.parse(line) as { readonly sound?: boolean }).sound === true,
    },
    {
      says: "no file was ever locked by two agents, but for those that shared it",
      program: "berth",
      ask: [clone, "watch", "--json", "--after", "0", "--for", "0.5"],
      holds: (lines) => neverTwo(lines.map((line) => JSON.parse(line) as Change)),
    },
    {
      says: "all agents have left, and no lock is held",
      program: "berth",
      ask: [clone, "status", "--json"],
      holds: ([line = "{}"]) => {
        const { agents, locks } = JSON.parse(line) as { readonly agents?: unknown[]; readonly locks?: unknown[] };
        return agents?.length === 0 && locks?.length === 0;
      },
    },
  ];
}

interface Change {
  readonly seq: number | null;
  readonly kind: string;
  readonly subject: string;
  readonly agent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Replays the locks of the feed. */
function neverTwo(changes: readonly Change[]): boolean {
  const held = new Map<number, { readonly path: string; readonly agent: string | null; readonly shared: boolean }>();
  let granted = 0;
  for (const { seq, kind, subject: path, agent, data } of changes) {
    if (kind === "lock.released" || kind === "lock.expired") held.delete(Number(data["fence"]));
    if (kind !== "lock.granted" || seq === null) continue;
    granted += 1;
    const shared = data["mode"] === "shared";
    for (const other of held.values())
      if (other.path === path && other.agent !== agent && !(shared && other.shared)) return false;
    held.set(seq, { path, agent, shared });
  }
  return granted > 0;
}
