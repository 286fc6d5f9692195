import { z } from "zod";
import { answer } from "./schema-answer.ts";

const text = z.string().max(100_000);
const word = z.string().max(1000);
const session = z.string().min(1).max(200).optional();
const rows = z.array(z.looseObject({})).optional();

export const KINDS = ["log", "plan", "todo", "decision", "blocker", "next", "message"] as const;

export interface ProgressInput {
  readonly kind: (typeof KINDS)[number];
  readonly text?: string | undefined;
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  readonly priority?: string | undefined;
  readonly to?: string | undefined;
  readonly drop?: boolean | undefined;
  readonly session?: string | undefined;
}

export const progressInput: z.ZodType<ProgressInput, ProgressInput> = z.strictObject({
  kind: z.enum(KINDS),
  text: text.optional().describe("Left out: lists them"),
  id: word.optional().describe("Of a todo to change"),
  status: word.optional().describe("Of a todo: pending, in_progress, completed"),
  priority: word.optional(),
  to: word.optional().describe("Of a message: agent, role, or all"),
  drop: z.boolean().optional().describe("No longer so: take it out"),
  session,
});

export const progressOutput: z.ZodType = answer({
  kind: z.string(),
  todos: rows,
  values: z.array(z.unknown()).optional(),
  warnings: z.array(z.string()).optional(),
});

export const MODES = ["analysis", "planning", "coding", "disabled"] as const;

export interface SessionInput {
  readonly operation: "get" | "set" | "gate";
  readonly mode?: (typeof MODES)[number] | undefined;
  readonly task?: string | undefined;
  readonly feature?: string | undefined;
  readonly tool?: string | undefined;
}

export const sessionInput: z.ZodType<SessionInput, SessionInput> = z.strictObject({
  operation: z.enum(["get", "set", "gate"]),
  mode: z.enum(MODES).optional(),
  task: z.string().max(4000).optional().describe('"" clears'),
  feature: z.string().max(4000).optional(),
  tool: word.optional().describe("gate: may it be used in this mode?"),
});

export const sessionOutput: z.ZodType = answer({
  mode: z.string().nullable(),
  task: z.string().nullable().optional(),
  feature: z.string().nullable().optional(),
  allowed: z.boolean().optional(),
});

export const NOTE_ACTIONS = ["read", "write", "list", "search", "delete", "learn"] as const;

export interface NotesInput {
  readonly action: (typeof NOTE_ACTIONS)[number];
  readonly path?: string | undefined;
  readonly text?: string | undefined;
  readonly expected?: string | null | undefined;
  readonly session?: string | undefined;
}

export const notesInput: z.ZodType<NotesInput, NotesInput> = z.strictObject({
  action: z.enum(NOTE_ACTIONS),
  path: word.optional().describe("Of a note; of list a pattern"),
  text: text.optional().describe("To write, search, learn"),
  expected: word.nullable().optional().describe("Checksum it must still have; null: none yet"),
  session,
});

export const notesOutput: z.ZodType = answer({
  note: z.looseObject({}).nullable().optional(),
  notes: z.array(z.string()).optional(),
  hits: rows,
});
