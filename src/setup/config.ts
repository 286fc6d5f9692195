import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Config, parseConfig } from "../config.ts";
import { setFields } from "../document/front-matter.ts";
import { parseYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import { homeDir, type Project } from "../project.ts";

export interface ConfigResult {
  /** The settings file, whether it exists or not. */
  readonly file: string;
  /** The value of the key, or all settings with their defaults. */
  readonly value: unknown;
}

/**
 * Reads all settings, reads one, or sets one (`null` takes it back to its default). Comments and order of the file stay.
 * @throws BerthError NOT_FOUND for a key that does not exist; INVALID for a value that does not fit
 */
export async function config(
  project: Project,
  input: { readonly key?: string | undefined; readonly value?: string | undefined; readonly dryRun?: boolean } = {},
): Promise<ConfigResult> {
  const file = join(homeDir(project), ".berth", "config.yaml");
  const { key, value } = input;
  if (key === undefined) return { file, value: project.config };
  if (value === undefined) return { file, value: at(project.config, key) };
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const raw = (text.trim() === "" ? {} : parseYaml(text, file)) as Record<string, unknown>;
  const changed = changedTop(raw, key, parseYaml(value, "the value"));
  const top = key.split(".")[0] ?? key;
  const checked = parseConfig(changed, file);
  if (!input.dryRun) {
    const whole = setFields(
      `---\n${text === "" || text.endsWith("\n") ? text : `${text}\n`}---\n`,
      { [top]: changed[top] },
      file,
    );
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, whole.slice(4, -4));
    await rename(`${file}.new`, file);
  }
  return { file, value: at(checked, key) };
}

function at(settings: Config, key: string): unknown {
  let value: unknown = settings;
  for (const part of key.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) {
      if (["project", "remote"].includes(key)) return null;
      throw new BerthError("NOT_FOUND", `There is no setting ${key}.`, {
        hint: "See them all with: berth config",
        facts: { key },
      });
    }
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** The settings with one value at a dotted key, changed in a copy. */
function changedTop(raw: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  const [head = "", ...rest] = key.split(".");
  if (["__proto__", "constructor", "prototype"].includes(head))
    throw new BerthError("NOT_FOUND", `There is no setting ${key}.`);
  const copy = { ...raw };
  if (rest.length === 0) {
    if (value === null) delete copy[head];
    else copy[head] = value;
    return copy;
  }
  const below = copy[head];
  const inner =
    typeof below === "object" && below !== null && !Array.isArray(below) ? (below as Record<string, unknown>) : {};
  return { ...copy, [head]: changedTop(inner, rest.join("."), value) };
}
