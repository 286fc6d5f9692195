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
 * Settings that the caller's `GIT_CONFIG_*` may bring along: how a remote is reached and trusted. Ours are given with
 * `-c`, which wins over these; any other (`core.worktree`, `include.path`) could point git elsewhere.
 */
const KEPT_SETTING = /^(?:http|https|url|credential|protocol|safe|ssh)\.|^core\.(?:sshcommand|askpass|gitproxy)$/i;

function keptSettings(caller: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  const given = Number(caller["GIT_CONFIG_COUNT"] ?? 0);
  let count = 0;
  for (let i = 0; i < given; i++) {
    const [key, value] = [caller[`GIT_CONFIG_KEY_${i}`], caller[`GIT_CONFIG_VALUE_${i}`]];
    if (key === undefined || value === undefined || !KEPT_SETTING.test(key)) continue;
    kept[`GIT_CONFIG_KEY_${count}`] = key;
    kept[`GIT_CONFIG_VALUE_${count}`] = value;
    count++;
  }
  if (count > 0) kept["GIT_CONFIG_COUNT"] = String(count);
  return kept;
}

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
  Object.assign(env, keptSettings(caller));
  env["LC_ALL"] = "C";
  env["LANGUAGE"] = "C";
  env["GIT_TERMINAL_PROMPT"] = "0";
  env["GIT_EDITOR"] = "true";
  env["GIT_OPTIONAL_LOCKS"] = "0";
  // A replacement would show the gates another commit than the one that lands.
  env["GIT_NO_REPLACE_OBJECTS"] = "1";
  return env;
}
