import { z } from "zod";
import type { BrainSettings } from "./brain-settings.ts";
import { line, pattern } from "./schema-words.ts";

/** The part `brain` of the settings. */
export const brainSettings: z.ZodType<BrainSettings> = z
  .strictObject({
    store: z
      .enum(["embedded", "server"])
      .default("embedded")
      .describe("Where notes are: files of this machine, or a server that speaks MCP as basic-memory does"),
    path: line.default("").describe("Folder of the embedded notes; empty: in git's common directory"),
    project: z
      .string()
      .regex(/^(?:[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,60}[\p{L}\p{N}_-])?)?$/u, "must be one name, without slashes")
      .default("")
      .describe("Name under which notes are kept; empty: each workspace is a project of its own"),
    command: z.array(pattern).default([]).describe("Program and arguments of a server that speaks on its pipes"),
    url: z
      .string()
      .max(2000)
      .regex(/^(?:https?:\/\/.+)?$/, "must begin with http:// or https://")
      .default("")
      .describe("Address of a server that speaks HTTP; a token for it comes from BERTH_BRAIN_TOKEN"),
    timeout: z.number().int().min(1).max(600).default(10).describe("Seconds that a call of the server may take"),
    conflicts: z
      .enum(["last-write", "merge"])
      .default("last-write")
      .describe("What happens to a session state that was written by two at once; what is overwritten is kept"),
    blocks: z
      .partialRecord(z.enum(["analysis", "planning", "coding", "disabled"]), z.array(pattern))
      .default({})
      .describe("Tools that a mode refuses; what is not named here is as it is by default"),
  })
  .prefault({});
