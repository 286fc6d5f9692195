import { canonicalJson } from "../../document/canonical-json.ts";
import type { Check } from "../input.ts";

/**
 * What goes along with a task: a map of JSON, as the store keeps it. What is wrong in it is said by an error of its own.
 */
export const json: Check = (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "an object of JSON values";
  canonicalJson(value);
  return null;
};
