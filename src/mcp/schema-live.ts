import { z } from "zod";
import { answer } from "./schema-answer.ts";

const text = z.string().max(3_000_000);
const word = z.string().max(1000);
const rows = z.array(z.looseObject({})).optional();

export const LOCK_ACTIONS = ["take", "release", "check"] as const;

export interface LockInput {
  readonly action?: (typeof LOCK_ACTIONS)[number] | undefined;
  readonly paths: string[];
  readonly shared?: boolean | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly waitSeconds?: number | undefined;
  readonly reason?: string | undefined;
  readonly hook?: boolean | undefined;
}

export const lockInput: z.ZodType<LockInput, LockInput> = z.strictObject({
  action: z.enum(LOCK_ACTIONS).optional(),
  paths: z.array(z.string().max(4096)).max(500).describe("Files, folders/, globs; none with release: all"),
  shared: z.boolean().optional(),
  ttlSeconds: z.int().min(1).max(604_800).optional(),
  waitSeconds: z.int().min(0).max(3600).optional(),
  reason: word.optional(),
  hook: z.boolean().optional().describe("check: answer as a PreToolUse hook"),
});

export const lockOutput: z.ZodType = answer({
  locks: rows,
  released: rows,
  free: z.boolean().optional(),
  holders: rows,
});

export const SHARED_ACTIONS = ["get", "set", "remove", "resolve"] as const;

export interface SharedInput {
  readonly action: (typeof SHARED_ACTIONS)[number];
  readonly key?: string | undefined;
  readonly value?: unknown;
  readonly take?: "ours" | "theirs" | "base" | undefined;
  readonly base?: number | undefined;
  readonly message?: string | undefined;
}

export const sharedInput: z.ZodType<SharedInput, SharedInput> = z.strictObject({
  action: z.enum(SHARED_ACTIONS),
  key: word.optional().describe("As in plan.api[0]"),
  value: z.unknown().optional(),
  take: z.enum(["ours", "theirs", "base"]).optional().describe("To resolve"),
  base: z.int().min(0).optional().describe("Version you started from; else what you last read"),
  message: word.optional(),
});

export const sharedOutput: z.ZodType = answer({
  version: z.int(),
  value: z.unknown().optional(),
  merged: z.boolean().optional(),
  conflicts: rows,
});

export interface SaveInput {
  readonly path: string;
  readonly text?: string | undefined;
  readonly base?: string | null | undefined;
  readonly resolve?: boolean | undefined;
}

export const saveInput: z.ZodType<SaveInput, SaveInput> = z.strictObject({
  path: z.string().max(4096),
  text: text.optional().describe("Left out: only tells the hash"),
  base: z.string().max(200).nullable().optional().describe("Hash you started from; null: new file"),
  resolve: z.boolean().optional().describe("Decide an open conflict"),
});

export const saveOutput: z.ZodType = answer({
  path: z.string(),
  hash: z.string().nullable(),
  merged: z.boolean().optional(),
  conflict: z.looseObject({}).nullable().optional(),
});
