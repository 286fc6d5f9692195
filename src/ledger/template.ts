import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { createContext, runInContext } from "node:vm";
import { parseFrontMatter, setFields } from "../document/front-matter.ts";
import { inlineYaml } from "../document/yaml.ts";
import { BerthError, messageOf } from "../errors.ts";
import { shellQuote } from "./environment.ts";
import type { SessionPlan } from "./plan.ts";
import { checkTemplate, type Nunjucks, TemplateProblem } from "./template-check.ts";

export type TemplateKind = "session" | "kb-merge" | "session-env";

const maxSource = 256_000;
const maxOutput = 1_000_000;
const maxMilliseconds = 2000;

/**
 * Renders a Jinja2 template. Templates come from the ledger, so that whoever may push there writes them: they can
 * insert, loop over, compare and filter the given values, and nothing else. Undefined variables render empty.
 * @param variables plain data; filters beside the usual ones: `yaml` (a value on one line of YAML), `sh` (a shell
 * word), `line` (text on one line)
 * @throws BerthError INVALID naming file and line: broken syntax, a construct that is not allowed, a template that
 * takes too long or writes too much
 */
export async function renderTemplate(
  source: string,
  variables: Readonly<Record<string, unknown>>,
  file: string,
): Promise<string> {
  if (source.length > maxSource) throw refused(file, 1, `the template has more than ${maxSource} characters`);
  const nunjucks = (await import("nunjucks")).default as unknown as Nunjucks;
  const context = { True: true, False: false, None: null, ...(JSON.parse(JSON.stringify(variables)) as object) };
  const render = (): string => {
    checkTemplate(nunjucks, source);
    const environment = new nunjucks.Environment(null, { autoescape: false });
    environment.addFilter("yaml", inlineYaml);
    environment.addFilter("sh", (value: unknown) => shellQuote(asText(value)));
    environment.addFilter("line", (value: unknown) => asText(value).replaceAll(/\s+/g, " ").trim());
    return new nunjucks.Template(source, environment, file, true).render(context);
  };
  const output = bounded(render, file);
  if (output.length > maxOutput) throw refused(file, 1, `the template writes more than ${maxOutput} characters`);
  return output === "" || output.endsWith("\n") ? output : `${output}\n`;
}

// A script's time limit holds for everything it calls; the script itself is this one word.
function bounded(render: () => string, file: string): string {
  try {
    return runInContext("render()", createContext({ render }), { timeout: maxMilliseconds }) as string;
  } catch (error) {
    if (error instanceof TemplateProblem) throw refused(file, error.line, error.message);
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      throw refused(file, 1, `the template takes longer than ${maxMilliseconds} ms`);
    }
    const text = messageOf(error);
    const line = Number(/\[Line (\d+)/.exec(text)?.[1] ?? 1);
    throw refused(file, line, text.split("\n").at(-1)?.trim() ?? text, error);
  }
}

function refused(file: string, line: number, what: string, cause?: unknown): BerthError {
  return new BerthError("INVALID", `${file}:${line}: ${what.replace(/\.$/, "")}.`, {
    hint: "Correct the template, or remove it: the bundled one is used instead.",
    facts: { file, line },
    cause,
  });
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : (JSON.stringify(value) ?? "");
}

/** The names a template of this kind may have in `_templates/`, the first that exists being used. */
export function templateNames(kind: TemplateKind): string[] {
  const name = { session: "SESSION.md", "kb-merge": "kb-merge-SESSION.md", "session-env": "session-env.template" }[
    kind
  ];
  return [`${name}.j2`, name];
}

/** The template of this kind that comes with Berth. */
export async function bundledTemplate(kind: TemplateKind): Promise<string> {
  return readFile(join(assets, "_templates", templateNames(kind)[0] ?? ""), "utf8");
}

const assets = join(import.meta.dirname, "../../assets/ledger");
const states = ["abandoned", "active", "completed", "drafting", "planned"];

/** A file of a new ledger. */
export interface LedgerFile {
  /** Relative to the top of the ledger, with forward slashes. */
  readonly path: string;
  readonly mode: "100644" | "100755";
  readonly content: Buffer;
}

/** Everything `init` puts into a new ledger, in the order of paths. */
export async function bundledLedger(): Promise<LedgerFile[]> {
  const entries = await readdir(assets, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const bundled = await Promise.all(
    files.map(async (file): Promise<LedgerFile> => {
      const path = relative(assets, file).split(sep).join("/");
      return { path, mode: path.startsWith("_bin/") ? "100755" : "100644", content: await readFile(file) };
    }),
  );
  const empty = ["sessions.lock", ...states.map((state) => `${state}/.gitkeep`)];
  return [...bundled, ...empty.map((path): LedgerFile => ({ path, mode: "100644", content: Buffer.alloc(0) }))].sort(
    (a, b) => (a.path < b.path ? -1 : 1),
  );
}

/**
 * Gives a rendered document the front matter of its plan; a template without front matter gets one. Where the plan says
 * nothing of its own (priority next, an empty list, no parent), what the template says stays.
 * @throws BerthError INVALID as `parseFrontMatter`
 */
export function ensureFrontMatter(text: string, plan: SessionPlan, file = "SESSION.md"): string {
  const { data } = parseFrontMatter(text, file);
  const neutral = (value: unknown): boolean =>
    value === null || value === "next" || (Array.isArray(value) && value.length === 0);
  const fields = Object.entries(plan).filter(([name, value]) => !(name in data) || !neutral(value));
  return setFields(text, Object.fromEntries(fields), file);
}
