import type { CallToolResult, McpServer, ServerContext, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { Berth } from "../open.ts";
import type { Verbs } from "../verbs.ts";
import { type Alive, tellAlive } from "./alive.ts";
import { failed } from "./failure.ts";
import type { Seat } from "./seat.ts";
import { checked, slim } from "./slim-schema.ts";

/** One tool as plain data: a schema in, a verb called, a structured result out. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: StandardSchemaWithJSON;
  readonly output: StandardSchemaWithJSON;
  /** Whether it changes nothing, and whether calling it again with the same words changes nothing more. */
  readonly reads: boolean;
  readonly repeatable: boolean;
  /** Clients that keep tools behind a search show this one at once. */
  readonly always?: true;
  readonly run: (input: never, call: Call) => Promise<Answer>;
}

/** What a tool answers: data, and the same in few words for clients that show text alone. */
export interface Answer {
  readonly data: object;
  readonly text: string;
}

/** One call of a tool. */
export interface Call {
  readonly seat: Seat;
  /** The verbs of a place, ended with this call and telling their steps to whoever called. */
  readonly at: (place: Berth) => Verbs;
}

/** What a server needs to know of its agents. */
export type SeatOf = (context: ServerContext) => Promise<Seat>;

/** Makes a tool whose `run` sees exactly what its schema lets through. */
export function defineTool<Input>(
  tool: Omit<Tool, "run" | "input"> & {
    readonly input: StandardSchemaWithJSON<unknown, Input>;
    readonly run: (input: Input, call: Call) => Promise<Answer>;
  },
): Tool {
  return tool;
}

/** Offers a tool at a server. */
export function offerTool(server: McpServer, tool: Tool, seatOf: SeatOf): void {
  const { name, title, description, input, output, reads, repeatable } = tool;
  const hints = { readOnlyHint: reads, destructiveHint: false, idempotentHint: repeatable, openWorldHint: false };
  server.registerTool(
    name,
    {
      title,
      description,
      inputSchema: slim(input),
      outputSchema: slim(output),
      annotations: hints,
      ...(tool.always && { _meta: { "anthropic/alwaysLoad": true } }),
    },
    (given: unknown, context: ServerContext) => answered(tool, given, context, seatOf),
  );
}

async function answered(tool: Tool, given: unknown, context: ServerContext, seatOf: SeatOf): Promise<CallToolResult> {
  let alive: Alive | undefined;
  try {
    const input = await checked(tool.name, tool.input, given);
    const seat = await seatOf(context);
    await markShown(seat);
    alive = tellAlive(context);
    const { signal } = context.mcpReq;
    const progress = alive.step;
    const call: Call = { seat, at: (place) => place.during({ signal, progress }) };
    const { data, text } = await tool.run(input as never, call);
    return { content: [{ type: "text", text }], structuredContent: { ...data } };
  } catch (error) {
    return failed(error);
  } finally {
    alive?.end();
  }
}

/** Who calls again has been given what was answered before: only then are messages in it read. */
async function markShown(seat: Seat): Promise<void> {
  const { shown } = seat;
  if (shown === 0) return;
  seat.shown = 0;
  await seat.home.markRead({ upTo: shown });
}
