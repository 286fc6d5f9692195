import {
  type McpServer,
  type ReadResourceResult,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from "@modelcontextprotocol/server";
import { isBerthError } from "../errors.ts";
import { pageOf, type Seat } from "./seat.ts";
import type { SeatOf } from "./tool.ts";
import { CONTEXT, LOCKS, SESSION, SESSIONS, SHARED, within } from "./uris.ts";

const JSON_TYPE = "application/json";
const PAGE_TYPE = "text/markdown";

/** So many names are offered where a client completes one. */
const COMPLETIONS = 100;

/** What can be read without a tool, and followed. */
interface Readable {
  readonly name: string;
  readonly uri: string;
  readonly description: string;
  readonly type: string;
  readonly read: (seat: Seat) => Promise<object | string>;
}

const READABLE: readonly Readable[] = [
  {
    name: "sessions",
    uri: SESSIONS,
    description: "Work that is drafted, planned or active, and who holds it",
    type: JSON_TYPE,
    read: ({ home }) => home.list({}),
  },
  {
    name: "locks",
    uri: LOCKS,
    description: "Paths that agents hold, and who waits for them",
    type: JSON_TYPE,
    read: async ({ home }) => {
      const { locks, waiting } = await home.status({});
      return { locks, waiting };
    },
  },
  {
    name: "shared",
    uri: SHARED,
    description: "The document that all agents share",
    type: JSON_TYPE,
    read: ({ home }) => home.sharedGet(),
  },
  {
    name: "context",
    uri: CONTEXT,
    description: "What the next agent needs to know, here",
    type: PAGE_TYPE,
    read: (seat) => pageOf(seat, undefined),
  },
];

/** The same of one session, or of one key. */
interface Part extends Readable {
  readonly variable: string;
  readonly readPart: (seat: Seat, part: string) => Promise<object | string>;
  /** The names that there are. */
  readonly names: (seat: Seat) => Promise<readonly string[]>;
}

const PARTS: readonly Omit<Part, "read">[] = [
  {
    name: "session",
    uri: SESSION,
    variable: "id",
    description: "Everything known of one session",
    type: JSON_TYPE,
    readPart: ({ home }, id) => home.show({ id }),
    names: sessionsOf,
  },
  {
    name: "session context",
    uri: CONTEXT,
    variable: "id",
    description: "What the next agent of a session needs to know",
    type: PAGE_TYPE,
    readPart: pageOf,
    names: activeOf,
  },
  {
    name: "shared key",
    uri: SHARED,
    variable: "key",
    description: "One key path of the shared context, such as plan.api",
    type: JSON_TYPE,
    readPart: ({ home }, path) => home.sharedGet({ path }),
    names: keysOf,
  },
];

/**
 * Offers the resources at a server.
 * @param anybody an agent that is there already, for completing names; null where nobody is
 */
export function offerResources(server: McpServer, seatOf: SeatOf, anybody: () => Promise<Seat | null>): void {
  for (const { name, uri, description, type, read } of READABLE)
    server.registerResource(name, uri, { mimeType: type, description }, (_uri, context) =>
      contents(uri, type, context, seatOf, read),
    );
  for (const { name, uri, variable, description, type, readPart, names } of PARTS) {
    const complete = async (given: string): Promise<string[]> => {
      const seat = await anybody();
      const known = seat ? await names(seat) : [];
      return known.filter((one) => one.includes(given)).slice(0, COMPLETIONS);
    };
    const list = async (context: ServerContext): Promise<{ resources: { uri: string; name: string }[] }> => {
      const ids = await activeOf(await seatOf(context));
      return { resources: ids.map((id) => ({ uri: within(uri, id), name: `${name} ${id}` })) };
    };
    const template = new ResourceTemplate(`${uri}/{${variable}}`, {
      list: variable === "id" ? list : undefined,
      complete: { [variable]: complete },
    });
    server.registerResource(name, template, { mimeType: type, description }, (at, variables, context) =>
      contents(at.href, type, context, seatOf, (seat) => readPart(seat, decoded(variables[variable]))),
    );
  }
}

async function contents(
  uri: string,
  mimeType: string,
  context: ServerContext,
  seatOf: SeatOf,
  read: (seat: Seat) => Promise<object | string>,
): Promise<ReadResourceResult> {
  try {
    const found = await read(await seatOf(context));
    return { contents: [{ uri, mimeType, text: typeof found === "string" ? found : JSON.stringify(found) }] };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    if (error.code === "NOT_FOUND") throw new ResourceNotFoundError(uri);
    const code = error.code === "INVALID" ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, `${error.code}: ${error.message} Next: ${error.hint ?? "see berth doctor"}`);
  }
}

function decoded(part: string | readonly string[] | undefined): string {
  const text = typeof part === "string" ? part : (part ?? []).join("/");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function sessionsOf({ home }: Seat): Promise<string[]> {
  return (await home.list({ all: true })).sessions.map(({ id }) => id);
}

async function activeOf({ home }: Seat): Promise<string[]> {
  return (await home.list({ states: ["active"] })).sessions.map(({ id }) => id);
}

/** Of a version that is named, which counts as no reading of the agent's. */
async function keysOf({ home }: Seat): Promise<string[]> {
  const [newest] = (await home.sharedHistory({ limit: 1 })).versions;
  const value: unknown = newest ? (await home.sharedGet({ version: newest.version })).value : null;
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
