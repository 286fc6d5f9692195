import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { BerthError } from "../errors.ts";

/**
 * What a model need not read before each call: bounds that hardly any call comes near, and that anything more may be
 * there. What is refused stays refused, and the refusal says why.
 */
const UNSAID = new Set(["$schema", "minLength", "maxLength", "maxItems", "minimum", "maximum"]);

/** A schema, described in fewer words, that lets everything through. @see checked */
export function slim(schema: StandardSchemaWithJSON): StandardSchemaWithJSON<unknown, unknown> {
  const standard = schema["~standard"];
  const { input, output } = standard.jsonSchema;
  const jsonSchema = {
    input: (options: Parameters<typeof input>[0]): Record<string, unknown> => slimmed(input(options)),
    output: (options: Parameters<typeof output>[0]): Record<string, unknown> => slimmed(output(options)),
  };
  const { version, vendor } = standard;
  return { "~standard": { version, vendor, jsonSchema, validate: (value: unknown) => ({ value }) } };
}

/**
 * What was given, as its schema has it.
 * @throws BerthError INVALID naming each field that is wrong: the library's own answer would name no next step
 */
export async function checked(tool: string, schema: StandardSchemaWithJSON, given: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(given);
  if (!result.issues) return result.value;
  const wrong = result.issues.slice(0, 10).map(({ path, message }) => {
    const place = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return place === "" ? message : `${place}: ${message}`;
  });
  throw new BerthError("INVALID", `${tool} cannot be called like that: ${wrong.join("; ")}.`, {
    hint: "Nothing was changed. Mend what is named, and call again; the input schema says what each field takes.",
    facts: { wrong },
  });
}

function slimmed(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(schema).filter(([key, value]) => !UNSAID.has(key) && !isEmptyMap(value));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === "properties" ? eachSlimmed(value) : slimmedValue(value)]),
  );
}

/** Names of fields are no words of the schema. */
function eachSlimmed(fields: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields as object).map(([name, field]) => [name, slimmedValue(field)]));
}

function slimmedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slimmedValue);
  return typeof value === "object" && value !== null ? slimmed(value as Record<string, unknown>) : value;
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
