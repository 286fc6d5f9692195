import type { Layout } from "../context/locate.ts";
import { isTicketName } from "../context/ticket-name.ts";

/** Where a context was before: in one of the layouts, or in something older. */
export type Origin = Layout | "legacy";

/** What a file is of a context. */
export type Role = "context" | "ticket" | "checklist" | "plan" | "notes" | "journal" | "board";

/** Files that tell of one piece of work. */
export interface Group {
  /** What they lie in: a folder, or the file itself. */
  readonly key: string;
  readonly origin: Origin;
  /** The ticket's name, where the folder has one. */
  readonly ticket: string | null;
  /** The session's id and state, where the folder has them. */
  readonly session: string | null;
  readonly state: string | null;
  /** Whether it is a context only if it says a key of one. */
  readonly doubtful?: boolean;
  /** In the order in which they are read. */
  readonly files: readonly { readonly path: string; readonly role: Role }[];
}

/** Where contexts are looked for. */
export interface Where {
  readonly central: string;
  readonly tickets: string;
  /** The session of this workspace. */
  readonly session: string | null;
  /** Folders and files below the top that were named; empty: where such files usually are. */
  readonly from: readonly string[];
}

const ORDER: readonly Role[] = ["context", "ticket", "plan", "board", "notes", "journal", "checklist"];

/** Puts the files that are sources into groups; all others are left alone. Pure. */
export function groupsOf(paths: readonly string[], where: Where): Group[] {
  const groups = new Map<string, Group & { files: { path: string; role: Role }[] }>();
  for (const path of paths) {
    const found = sourceAt(path, where);
    if (found === null) continue;
    const { role, ...group } = found;
    const known = groups.get(group.key) ?? { ...group, files: [] };
    known.files.push({ path, role });
    groups.set(group.key, known);
  }
  for (const { files } of groups.values())
    files.sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role) || compare(a.path, b.path));
  return [...groups.values()].filter(isWhole).sort((a, b) => compare(a.key, b.key));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Notes of a folder of sessions belong to a session only where it has a plan. */
function isWhole({ origin, state, files }: Group): boolean {
  if (origin === "tickets") return files.some(({ role }) => role === "context");
  return state === null || files.some(({ role }) => role === "plan");
}

type Found = Omit<Group, "files"> & { readonly role: Role };

function sourceAt(path: string, where: Where): Found | null {
  const { central, from } = where;
  if (within(path, `${central}/_legacy`) || within(path, `${central}/_migrations`)) return null;
  if (from.length > 0 && !from.some((place) => within(path, place))) return null;
  return inTicket(path, where) ?? inWorkspace(path, where) ?? inSessions(path, where) ?? inFolder(path, where);
}

/** Whether a path is a place or lies below it; "" is the top. */
function within(path: string, place: string): boolean {
  return place === "" || path === place || path.startsWith(`${place}/`);
}

function inTicket(path: string, { tickets }: Where): Found | null {
  const [ticket = "", file, more] = within(path, tickets) ? path.slice(tickets.length + 1).split("/") : [];
  if (!isTicketName(ticket) || file === undefined || more !== undefined) return null;
  const role = Object.hasOwn(TICKET_FILES, file) ? TICKET_FILES[file] : undefined;
  return role ? { key: `${tickets}/${ticket}`, origin: "tickets", ticket, session: null, state: null, role } : null;
}

const TICKET_FILES: Readonly<Record<string, Role | undefined>> = {
  "ACTIVE_SESSION.md": "context",
  "ticket.yml": "ticket",
  "checklist.md": "checklist",
};

/** `.session/` of another session than that of this workspace is nobody's business here. */
function inWorkspace(path: string, { session }: Where): Found | null {
  if (session === null || path !== ".session/ACTIVE_SESSION.md") return null;
  return { key: ".session", origin: "sessions", ticket: null, session, state: null, role: "context" };
}

const folder = /^((?:.*\/)?(drafting|planned|active|completed|abandoned)\/([^/]+))\/(.+)$/;
const SESSION_FOLDERS = /^(?:_AGENTS|\.agents|agents)\/sessions\/|^sessions\//;

/** A folder of the Agent Sessions Protocol, made by hand or by its scripts. */
function inSessions(path: string, { from }: Where): Found | null {
  const [, key, state, session, file] = folder.exec(path) ?? [];
  if (key === undefined || state === undefined || session === undefined || file === undefined) return null;
  if (path.startsWith(".session/") || (from.length === 0 && !SESSION_FOLDERS.test(path))) return null;
  if (!/^(?:[^/]+\.(?:md|ya?ml|txt)|\.session-env)$/.test(file)) return null;
  return { key, origin: "legacy", ticket: null, session, state, role: file === "SESSION.md" ? "plan" : "journal" };
}

function inFolder(path: string, { central, from }: Where): Found | null {
  const cut = path.lastIndexOf("/");
  const [dir, name] = [path.slice(0, Math.max(cut, 0)), path.slice(cut + 1)];
  if (from.length === 0 && ![central, "docs", ""].includes(dir)) return null;
  if (path.startsWith(".session/")) return null;
  const origin = dir === central ? "central" : "legacy";
  const found = { ticket: null, session: null, state: null };
  if (/^ACTIVE_SESSIONS\.md$/i.test(name)) return { ...found, key: path, origin: "legacy", role: "board" };
  if (/^ACTIVE_SESSION\.md$/.test(name)) return { ...found, key: dir, origin, role: "context" };
  if (/^(?:CURRENT_STATE|NEXT_TASKS)\.md$/i.test(name)) return { ...found, key: dir, origin, role: "notes" };
  // Elsewhere such names are anybody's.
  const isTold = dir === central || from.length > 0;
  if (isTold && /handoff/i.test(name) && !/template/i.test(name) && name.endsWith(".md"))
    return { ...found, key: dir, origin, role: "notes" };
  const isContext = isTold && /^(?:ACTIVE_)?SESSION\.(?:json|txt|env|ini|properties)$/i.test(name);
  const isText = /\.(?:md|json|txt|env|ini|properties|conf)$/i.test(name) && !/^readme/i.test(name);
  const isInNamed = dir !== "" && from.includes(dir) && isText;
  if (isInNamed && !isContext && !from.includes(path) && !name.endsWith(".md"))
    return { ...found, key: path, origin: "legacy", role: "context", doubtful: true };
  return isContext || isInNamed || from.includes(path)
    ? { ...found, key: path, origin: "legacy", role: "context" }
    : null;
}
