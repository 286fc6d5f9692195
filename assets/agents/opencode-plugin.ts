// Berth in opencode, as `berth init --agent opencode` writes it: what happens here goes to `berth hook`, which keeps
// agents of one repository apart. Without `berth` on the PATH nothing happens.
import { spawn } from "node:child_process";

// What writes, and the agent's own list: for other tools nothing is asked.
const WATCHED = new Set(["edit", "write", "patch", "bash", "todowrite"]);

export const Berth = async ({ directory }) => {
  const ask = (event, more = {}) =>
    new Promise((resolve) => {
      let said = "";
      const child = spawn("berth", ["hook", "--client", "opencode"], {
        cwd: directory,
        stdio: ["pipe", "pipe", "ignore"],
        timeout: 30_000,
        shell: process.platform === "win32",
      });
      child.on("error", () => resolve({}));
      child.stdin.on("error", () => undefined);
      child.stdout.on("data", (part) => (said += part));
      child.on("close", () => {
        try {
          resolve(JSON.parse(said));
        } catch {
          resolve({});
        }
      });
      child.stdin.end(JSON.stringify({ event, directory, ...more }));
    });
  const started = new Map();
  const start = (sessionID) => {
    if (!started.has(sessionID)) started.set(sessionID, ask("start", { sessionID }));
    return started.get(sessionID);
  };
  const news = new Map();
  const keep = (sessionID, { context }) => {
    if (context) news.set(sessionID, [...(news.get(sessionID) ?? []), context]);
  };
  return {
    event: async ({ event }) => {
      const { sessionID, info } = event.properties ?? {};
      if (event.type === "session.idle") await ask("idle", { sessionID });
      if (event.type === "session.deleted") await ask("end", { sessionID: info?.id ?? sessionID });
    },
    "chat.message": async ({ sessionID }) => {
      keep(sessionID, await start(sessionID));
      started.set(sessionID, Promise.resolve({}));
      keep(sessionID, await ask("prompt", { sessionID }));
    },
    "experimental.chat.system.transform": async ({ sessionID }, output) => {
      output.system.push(...(news.get(sessionID) ?? []));
    },
    "tool.execute.before": async ({ tool, sessionID }, { args }) => {
      if (!WATCHED.has(tool)) return;
      const answer = await ask("before", { sessionID, tool, args });
      if (answer.deny) throw new Error(answer.deny);
      keep(sessionID, answer);
    },
    "tool.execute.after": async ({ tool, sessionID, args }, output) => {
      if (!WATCHED.has(tool)) return;
      const { context } = await ask("after", { sessionID, tool, args });
      if (context) output.output += `\n\n${context}`;
    },
    "experimental.session.compacting": async ({ sessionID }) => {
      await ask("compact", { sessionID });
    },
  };
};
