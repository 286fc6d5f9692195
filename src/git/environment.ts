/** Variables of the caller that change how git reaches a remote or finds its settings; all other `GIT_*` are dropped. */
const KEPT = new Set([
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_ASKPASS",
  "GIT_EXEC_PATH",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_HTTP_LOW_SPEED_LIMIT",
  "GIT_HTTP_LOW_SPEED_TIME",
  "GIT_PROXY_COMMAND",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CERT",
  "GIT_SSL_KEY",
  "GIT_SSL_NO_VERIFY",
]);

/**
 * The environment git runs in: the caller's, without variables that would point git at another repository, index or
 * identity (a hook's `GIT_DIR` or `GIT_INDEX_FILE`, a session's `GIT_AUTHOR_NAME`), in a fixed locale, and never
 * waiting at a terminal for a password.
 */
export function gitEnvironment(caller: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) {
    if (value === undefined) continue;
    if (name.startsWith("GIT_") && !KEPT.has(name)) continue;
    env[name] = value;
  }
  env["LC_ALL"] = "C";
  env["LANGUAGE"] = "C";
  env["GIT_TERMINAL_PROMPT"] = "0";
  env["GIT_EDITOR"] = "true";
  env["GIT_OPTIONAL_LOCKS"] = "0";
  // A replacement would show the gates another commit than the one that lands.
  env["GIT_NO_REPLACE_OBJECTS"] = "1";
  return env;
}
