import { z } from "zod";
import { answer } from "./schema-answer.ts";

/** A session's id, or a part of it that no other one has. */
const id = z.string().min(1).max(200).optional();
const text = z.string().max(20_000);
const words = z.array(z.string().max(1000)).max(200);
const rows = z.array(z.looseObject({})).optional();
const warnings = z.array(z.string()).optional();
const row = z.looseObject({ id: z.string(), state: z.string() });

export const ABOUT = ["sessions", "agents", "locks", "tasks", "messages", "conflicts"] as const;

export interface StatusInput {
  readonly about?: (typeof ABOUT)[number] | undefined;
  readonly session?: string | undefined;
  readonly fetch?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export const statusInput: z.ZodType<StatusInput, StatusInput> = z.strictObject({
  about: z.enum(ABOUT).optional(),
  session: id.describe("Everything known of this one"),
  fetch: z.boolean().optional().describe("Ask the hub first"),
  limit: z.int().min(1).max(200).optional(),
  offset: z.int().min(0).optional(),
});

export const statusOutput: z.ZodType = answer({
  agent: z.string(),
  session: z.string().nullable().describe("Yours"),
  needsYou: rows,
  sessions: rows,
  agents: rows,
  locks: rows,
  tasks: rows,
  messages: rows,
  conflicts: rows,
});

export interface ClaimInput {
  readonly session?: string | undefined;
  readonly capabilities?: string[] | undefined;
  readonly workspace?: "worktree" | "clone" | "none" | undefined;
  readonly waitSeconds?: number | undefined;
  readonly another?: boolean | undefined;
}

export const claimInput: z.ZodType<ClaimInput, ClaimInput> = z.strictObject({
  session: id.describe("Left out: the best that fits"),
  capabilities: words.optional(),
  workspace: z.enum(["worktree", "clone", "none"]).optional(),
  waitSeconds: z.int().min(0).max(3600).optional(),
  another: z.boolean().optional().describe("Beside the one you hold"),
});

export const claimOutput: z.ZodType = answer({
  session: row,
  epoch: z.int(),
  workspace: z.looseObject({ path: z.string() }).nullable(),
  criteria: rows,
  warnings,
});

export const HOW = ["land", "complete", "sync", "release", "abandon"] as const;

export interface FinishInput {
  readonly how: (typeof HOW)[number];
  readonly session?: string | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly notes?: string | undefined;
  readonly tick?: (number | "all")[] | undefined;
  readonly commit?: boolean | undefined;
}

export const finishInput: z.ZodType<FinishInput, FinishInput> = z.strictObject({
  how: z.enum(HOW),
  session: id,
  message: text.optional().describe("Of the commit on the base branch"),
  reason: text.optional().describe("For release, abandon"),
  notes: text.optional(),
  tick: z
    .array(z.union([z.int().min(1), z.literal("all")]))
    .max(200)
    .optional()
    .describe("Met criteria, from 1"),
  commit: z.boolean().optional().describe("complete: commit what is left"),
});

export const finishOutput: z.ZodType = answer({
  session: row,
  landed: z.looseObject({ commit: z.string() }).nullable().optional(),
  kept: z.array(z.string()).optional(),
  warnings,
});

export const TOPICS = ["start", "locks", "shared", "finish", "handoff", "modes"] as const;

export interface HelpInput {
  readonly topic?: (typeof TOPICS)[number] | undefined;
}

export const helpInput: z.ZodType<HelpInput, HelpInput> = z.strictObject({ topic: z.enum(TOPICS).optional() });

export const helpOutput: z.ZodType = answer({ topic: z.string(), text: z.string() });
