import { z } from "zod";

/**
 * What a tool answers. No field is required: some clients hold an error's data against the same schema, which has `error`
 * and nothing else.
 */
export function answer(fields: z.core.$ZodLooseShape): z.ZodType {
  return z.looseObject(fields).partial();
}
