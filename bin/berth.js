#!/usr/bin/env node
// CommonJS, and what only an old Node needs is loaded there: this file is read at every start. It parses on any Node: an
// old one must be able to say what is missing.
"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const needed = [24, 15];
const root = join(__dirname, "..");

if (isNewEnough(process.versions.node)) start();
else {
  const pinned = pinnedNode();
  if (pinned) runWith(pinned);
  else refuse();
}

function isNewEnough(version) {
  const parts = version.split(".").map(Number);
  return parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1]);
}

function start() {
  require("node:module").enableCompileCache();
  const { pathToFileURL } = require("node:url");
  const source = join(root, "src", "cli", "main.ts");
  const main = existsSync(source) ? source : join(root, "dist", "cli", "main.js");
  void import(pathToFileURL(main).href).then((program) => program.main());
}

/** Only a checkout has a pinned Node: its sources say that this is one. */
function pinnedNode() {
  if (!existsSync(join(root, "src", "cli", "main.ts"))) return undefined;
  const { realpathSync } = require("node:fs");
  const windows = process.platform === "win32";
  const name = "node-" + (windows ? "win" : process.platform) + "-" + process.arch;
  const binary = join("node_modules", name, "bin", windows ? "node.exe" : "node");
  for (const folder of [root, join(root, "dev", "node")]) {
    const node = join(folder, binary);
    // A pin that is itself too old would start itself for ever.
    if (existsSync(node) && realpathSync(node) !== realpathSync(process.execPath)) return node;
  }
  return undefined;
}

function runWith(node) {
  const { spawn } = require("node:child_process");
  const { constants } = require("node:os");
  const { isatty } = require("node:tty");
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal interrupts the whole group; passed on, the program would take it for a second, impatient one.
  process.on("SIGINT", () => isatty(0) || child.kill("SIGINT"));
  child.on("error", (error) => {
    process.stderr.write("berth: cannot start " + node + ": " + error.message + "\n");
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    // Die the same way, so that a waiting shell sees the signal and not a code.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

function refuse() {
  process.stderr.write(
    "berth: needs Node " +
      needed.join(".") +
      " or newer, and this is Node " +
      process.versions.node +
      ".\n" +
      "Install a newer one from https://nodejs.org or with your version manager, then run berth again.\n",
  );
  process.exitCode = 1;
}
