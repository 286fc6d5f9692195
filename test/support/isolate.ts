import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const gitConfig = `[user]
	name = Test Author
	email = author@berth.test
[init]
	defaultBranch = main
[core]
	autocrlf = false
[commit]
	gpgSign = false
[tag]
	gpgSign = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol "file"]
	allow = always
[advice]
	detachedHead = false
`;

/**
 * Gives every test process a home and a git configuration of its own, so that no result depends on the machine's.
 * Runs before the workers start; they inherit this environment.
 */
export default function isolate(): () => void {
  const home = mkdtempSync(join(tmpdir(), "berth-home-"));
  mkdirSync(join(home, ".config"));
  writeFileSync(join(home, ".gitconfig"), gitConfig);

  for (const name of Object.keys(process.env)) {
    // A hook of the checkout that runs the tests exports GIT_DIR and the like; they would redirect every test's git.
    if (/^(?:GIT_|BERTH_|XDG_)/.test(name) && !/^BERTH_(?:LONG|SEED|TEST_BRAIN|TEST_MCP)/.test(name))
      delete process.env[name];
  }
  Object.assign(process.env, {
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
  });
  return () => rmSync(home, { recursive: true, force: true });
}
