import { helpInput, helpOutput, type TOPICS } from "../schema-sessions.ts";
import { defineTool, type Tool } from "../tool.ts";

export const helpTool: Tool = defineTool({
  name: "help",
  title: "How to work here",
  description: "How agents work side by side in this repository, by topic.",
  input: helpInput,
  output: helpOutput,
  reads: true,
  repeatable: true,
  run: ({ topic = "start" }) => Promise.resolve({ data: { topic, text: TEXTS[topic] }, text: TEXTS[topic] }),
});

const TEXTS: Readonly<Record<(typeof TOPICS)[number], string>> = {
  start: [
    "1. status: what goes on, and what waits for you.",
    "2. claim: a session of your own, and its workspace. Go there; edit and commit in it and nowhere else.",
    '3. progress as you go: kind "log" for what you did and why, "todo" for steps, "decision", "blocker".',
    '4. finish {how: "land"} publishes what you have, finish {how: "complete", tick: ["all"]} ends it.',
    "Answers name the next step where something is refused. Every call may be made again.",
    "In a shell the same is: berth help. Other topics: locks, shared, finish, handoff, modes.",
  ].join("\n"),
  locks: [
    "Between workspaces nobody overwrites anybody: a lock is a word to the others, and landing merges.",
    "In one checkout that several agents share, lock what you edit, or write it with save, which merges.",
    "lock takes all paths or none, files, folders (with / at the end) and globs. Who is refused is told when they are free.",
    "Locks end with the agent, after a time (live.lock), and with release.",
  ].join("\n"),
  shared: [
    "shared_context is one document for all agents: facts that others must know at once. Keys as in plan.api.owner.",
    "get before set: a write starts from what you last read, or from base. Changes of different places merge.",
    "A conflict keeps both values; the first stands until somebody calls resolve with take or value.",
    'To tell somebody something, use progress {kind: "message", to, text}.',
  ].join("\n"),
  finish: [
    "Commit in the workspace, as “[session id] type: what”. land checks and publishes, and you go on.",
    "complete ends the session; tick names the met criteria from 1, or all.",
    "A conflict changes nothing: sync, resolve the files it names in the workspace, commit, and call again.",
    "release gives the session back with your work; abandon ends it; both need a reason, and keep the work.",
  ].join("\n"),
  handoff: [
    "What the next agent needs is in .session/ACTIVE_SESSION.md of the workspace; progress writes it:",
    'decision, blocker, next and todo. drop: true takes out what is no longer so. progress {kind: "log"} without text shows the page.',
    "The prompts handoff and resume of this server ask for it and begin with it.",
  ].join("\n"),
  modes: [
    "session get tells mode, task and feature of this workspace; set changes them; an empty text clears.",
    "analysis: read and find out. planning: no edits. coding: every tool. disabled: no rules.",
    "gate says whether the mode lets a tool be used; without a state only tools that read are allowed.",
  ].join("\n"),
};
