import { BerthError } from "../errors.ts";

/** What the environment of a session is made from. */
export interface EnvironmentInput {
  readonly session: string;
  readonly agent: { readonly name: string; readonly email: string };
  readonly branch: string;
  readonly base: string;
  readonly epoch: number;
  /** The workspace's folder, for an environment that stays on this machine. */
  readonly workspace?: string | null;
  /** The first port reserved for the workspace. */
  readonly port?: number | null;
}

export type Shell = "bash" | "zsh" | "fish" | "sh";

/** The variables of one session: git's identity and what agents and scripts ask for. Values are printable text. */
export function sessionEnvironment(input: EnvironmentInput): Record<string, string> {
  const { name, email } = gitIdentity(input.agent);
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    SESSION_ID: printable(input.session),
    SESSION_SLUG: printable(input.session),
    SESSION_BRANCH: printable(input.branch),
    BASE_BRANCH: printable(input.base),
    BERTH_SESSION: printable(input.session),
    BERTH_AGENT: name,
    BERTH_EPOCH: String(input.epoch),
    ...(typeof input.workspace === "string" ? { BERTH_WORKSPACE: printable(input.workspace) } : {}),
    ...(typeof input.port === "number" ? { BERTH_PORT: String(input.port) } : {}),
  };
}

/**
 * A name and address as git writes them into commits: it drops some characters, and refuses a name in which nothing
 * else is left. What is compared with an author must have gone through this.
 */
export function gitIdentity(agent: { readonly name: string; readonly email: string }): { name: string; email: string } {
  const clean = (text: string, otherwise: string): string => {
    const kept = printable(text).replaceAll(/[<>]/g, "").slice(0, 200).toWellFormed();
    return kept.replace(/^[\s.,:;"'\\]+/, "").replace(/[\s.,:;"'\\]+$/, "") || otherwise;
  };
  return { name: clean(agent.name, "agent"), email: clean(agent.email, "agent@localhost") };
}

/**
 * Writes variables as lines to source. The form for bash, zsh and sh is one that fish reads as well, with the same
 * values; it is what a committed `.session-env` holds.
 * @throws BerthError INVALID for a name that is not an environment variable's
 */
export function renderEnvironment(vars: Readonly<Record<string, string>>, shell: Shell): string {
  return Object.entries(vars)
    .map(([name, value]) => {
      if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
        throw new BerthError("INVALID", `Not a variable's name: ${JSON.stringify(name)}.`);
      return shell === "fish" ? `set -gx ${name} ${shellQuote(value)}\n` : `export ${name}=${shellQuote(value)}\n`;
    })
    .join("");
}

/**
 * Quotes a value so that bash, zsh, sh and fish all read it as this text and nothing else. In single quotes fish knows
 * two escapes that the others do not, so that quotes and backslashes stand in double quotes of their own.
 */
export function shellQuote(value: string): string {
  const parts = printable(value)
    .split(/('+|\\+)/)
    .filter((part) => part !== "");
  const quoted = parts.map((part) => {
    if (part.startsWith("'")) return `"${part}"`;
    return part.startsWith("\\") ? `"${part.replaceAll("\\", "\\\\")}"` : `'${part}'`;
  });
  return quoted.length === 0 ? "''" : quoted.join("");
}

/**
 * The variables a `session-env` template sees. `ENVIRONMENT` holds the finished lines. The others are for templates of
 * a team's own, which may put them in any quotes or none: what a shell could act on is taken out of them.
 */
export function templateEnvironment(vars: Readonly<Record<string, string>>): Record<string, string> {
  const harmless = Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, withoutSyntax(value)]));
  return {
    ...harmless,
    USER_NAME: harmless["GIT_AUTHOR_NAME"] ?? "",
    USER_EMAIL: harmless["GIT_AUTHOR_EMAIL"] ?? "",
    ENVIRONMENT: renderEnvironment(vars, "sh").trimEnd(),
  };
}

/** Adds the variables that a rendered `session-env` template does not set; all of them, where it sets none. */
export function completeEnvironment(rendered: string, vars: Readonly<Record<string, string>>): string {
  const missing = Object.entries(vars).filter(
    ([name]) => !new RegExp(`^[ \\t]*(?:(?:export|set[ \\t]+-gx)[ \\t]+)?${name}[= \\t]`, "m").test(rendered),
  );
  const text = rendered === "" || rendered.endsWith("\n") ? rendered : `${rendered}\n`;
  return text + renderEnvironment(Object.fromEntries(missing), "sh");
}

/** Text on one line, in the order it is read, as every program prints it. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu, "");
}

function withoutSyntax(text: string): string {
  return printable(text)
    .replaceAll("'", "’")
    .replaceAll(/[^\p{L}\p{M}\p{N} ._@+,:/’-]/gu, "")
    .replace(/^[\s-]+/, "");
}
