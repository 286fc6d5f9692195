import { McpServer, type McpServerOptions } from "@modelcontextprotocol/server";
import { INSTRUCTIONS } from "./instructions.ts";
import { offerPrompts } from "./prompts.ts";
import { offerResources } from "./resources.ts";
import type { Seat } from "./seat.ts";
import { offerSubscriptions } from "./subscriptions.ts";
import { offerTool, type SeatOf } from "./tool.ts";
import { claimTool } from "./tools/claim.ts";
import { finishTool } from "./tools/finish.ts";
import { helpTool } from "./tools/help.ts";
import { lockTool } from "./tools/lock.ts";
import { notesTool } from "./tools/notes.ts";
import { progressTool } from "./tools/progress.ts";
import { saveTool } from "./tools/save.ts";
import { sessionTool } from "./tools/session.ts";
import { sharedContextTool } from "./tools/shared-context.ts";
import { statusTool } from "./tools/status.ts";

/** All there are, in the order in which they are used. Clients hide tools behind a search: more would not be found. */
const TOOLS = [
  statusTool,
  claimTool,
  finishTool,
  lockTool,
  sharedContextTool,
  progressTool,
  sessionTool,
  notesTool,
  saveTool,
  helpTool,
];

/** Hostile arguments with more parts than any honest call are refused before they are looked at. */
const MOST_PARTS = 50_000;

/** What a server needs to know of its agents. */
export interface Room {
  readonly version: string;
  readonly seatOf: SeatOf;
  /** An agent that is there already; null where nobody is. */
  readonly anybody: () => Promise<Seat | null>;
}

/** One server as a client sees it: its tools, resources and prompts. */
export function makeServer({ version, seatOf, anybody }: Room): McpServer {
  const options: McpServerOptions = {
    instructions: INSTRUCTIONS,
    maxToolInputElements: MOST_PARTS,
    capabilities: { resources: { subscribe: true } },
  };
  const server = new McpServer({ name: "berth", title: "Berth", version }, options);
  for (const tool of TOOLS) offerTool(server, tool, seatOf);
  offerResources(server, seatOf, anybody);
  offerPrompts(server, seatOf, anybody);
  offerSubscriptions(server);
  return server;
}
