/**
 * Changes the session state of a folder as fast as it can: `state-worker.ts DIR NAME SECONDS`. Says `ready`, begins with
 * the first line that it reads, and says in the end which versions it was told that it had made.
 */
import { once } from "node:events";
import { openBerth } from "../../src/open.ts";

const [dir = "", name = "", seconds = "1"] = process.argv.slice(2);
const berth = await openBerth(dir, { env: process.env, agent: name });
console.log("ready");
await once(process.stdin, "data");
const made: [version: number, task: string][] = [];
const end = performance.now() + Number(seconds) * 1000;
for (let n = 0; performance.now() < end; n++) {
  const task = `${name} ${n}`;
  made.push([(await berth.setSession({ task })).version, task]);
}
berth.close();
console.log(JSON.stringify(made));
process.stdin.destroy();
