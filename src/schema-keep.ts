import { z } from "zod";
import type { CheckpointSettings, PushSettings } from "./keep-settings.ts";

const whole = (from: number, to: number): z.ZodNumber => z.number().int().min(from).max(to);

export const checkpointSettings: z.ZodType<CheckpointSettings> = z
  .strictObject({
    keep: whole(1, 100_000)
      .default(50)
      .describe("Checkpoints of a session that stay; of more the oldest go, where something newer holds the same"),
    days: whole(0, 36_500)
      .default(30)
      .describe("Days after which one goes that is not the newest, where something newer holds the same"),
    every: whole(0, 86_400)
      .default(300)
      .describe("Seconds between the checkpoints that a running agent takes of changed work by itself; 0: none"),
  })
  .prefault({});

export const pushSettings: z.ZodType<PushSettings> = z
  .strictObject({
    session: z.boolean().default(true).describe("Push session branches, so that another machine finds the work"),
    checkpoints: z
      .boolean()
      .default(false)
      .describe("Push checkpoints as well, without the files in them that look like secrets"),
  })
  .prefault({});
