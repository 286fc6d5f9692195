import type { Command } from "./command.ts";

/** One verb of the program. Its file is loaded only when it is called or asked about. */
export interface VerbEntry {
  /** One word, or nouns and a verb: `task add`, `context todo add`. */
  readonly name: string;
  readonly group: Group | "hidden";
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** The groups of the overview, in its order. */
export const GROUPS = ["Set up", "Sessions", "Context", "Live", "State", "Safety", "Knowledge", "Help"] as const;
export type Group = (typeof GROUPS)[number];

/** Every verb there is. */
export const VERBS: readonly VerbEntry[] = [
  entry("init", "Set up", "Set this repository up for sessions", () => import("./setup/init.ts")),
  entry(
    "doctor",
    "Set up",
    "Check the set-up and the hub, and mend what can be mended",
    () => import("./setup/doctor.ts"),
  ),
  entry("config", "Set up", "Show or change the project's settings", () => import("./setup/config.ts")),
  entry("uninit", "Set up", "Take Berth out of this clone; sessions and work stay", () => import("./setup/uninit.ts")),
  entry("completion", "Set up", "Print a completion script for a shell", () => import("./setup/completion.ts")),
  entry("demo", "Set up", "Watch agents work side by side in a throw-away hub", () => import("./demo/demo.ts")),
  entry("draft", "Sessions", "Write down a piece of work as a new session", () => import("./session/draft.ts")),
  entry("edit", "Sessions", "Change the plan of a draft or planned session", () => import("./session/edit.ts")),
  entry("ready", "Sessions", "Turn a complete draft into planned work", () => import("./session/ready.ts")),
  entry("claim", "Sessions", "Take a planned session and get a workspace for it", () => import("./session/claim.ts")),
  entry(
    "release",
    "Sessions",
    "Give a claimed session back, keeping the work so far",
    () => import("./session/release.ts"),
  ),
  entry("env", "Sessions", "Print the session's environment for a shell to source", () => import("./session/env.ts")),
  entry("path", "Sessions", "Print the path of the session's workspace", () => import("./session/path.ts")),
  entry("log", "Sessions", "Add an entry to the session's worklog", () => import("./session/log.ts")),
  entry("plan", "Sessions", "Add an entry to the session's active plan", () => import("./session/plan.ts")),
  entry(
    "subsession",
    "Sessions",
    "Draft work that came up as a session of its own",
    () => import("./session/subsession.ts"),
  ),
  entry("sync", "Sessions", "Merge the base branch into the session", () => import("./session/sync.ts")),
  entry("land", "Sessions", "Put the work so far on the base branch and go on", () => import("./session/land.ts")),
  entry("complete", "Sessions", "Land the work and end the session", () => import("./session/complete.ts")),
  entry("abandon", "Sessions", "End a session without landing, keeping its work", () => import("./session/abandon.ts")),
  entry("list", "Sessions", "List sessions, those that need attention first", () => import("./session/list.ts")),
  entry("show", "Sessions", "Show everything known of one session", () => import("./session/show.ts")),
  entry("drift", "Sessions", "Compare the frozen plan with what happened", () => import("./session/drift.ts")),
  entry("trace", "Sessions", "Find the session a commit or file came from", () => import("./session/trace.ts")),
  entry("context show", "Context", "Show what the next agent needs to know", () => import("./context/show.ts")),
  entry("context set", "Context", "Change a value of the context", () => import("./context/set.ts")),
  entry("context init", "Context", "Begin a context where there is none", () => import("./context/init.ts")),
  entry(
    "context validate",
    "Context",
    "Check contexts and tickets against their schemas",
    () => import("./context/validate.ts"),
  ),
  entry("context search", "Context", "Find text and fields in contexts", () => import("./context/search.ts")),
  entry("context handoff", "Context", "Print one page for the next agent", () => import("./context/handoff.ts")),
  entry("context history", "Context", "Show who changed what of the context", () => import("./context/history.ts")),
  entry("context archive", "Context", "Move old entries to the archive", () => import("./context/archive.ts")),
  entry("context repair", "Context", "Bring a damaged context back", () => import("./context/repair.ts")),
  entry("context todo add", "Context", "Add a todo", () => import("./context/todo-add.ts")),
  entry("context todo set", "Context", "Change a todo", () => import("./context/todo-set.ts")),
  entry("context todo list", "Context", "List the todos", () => import("./context/todo-list.ts")),
  entry("context hooks", "Context", "Show, install or remove Berth's git hooks", () => import("./context/hooks.ts")),
  entry("ticket open", "Context", "Open a ticket, with its branch and a workspace", () => import("./ticket/open.ts")),
  entry("ticket take", "Context", "Take an open ticket and get a workspace for it", () => import("./ticket/take.ts")),
  entry("ticket set", "Context", "Change one value of a ticket.yml", () => import("./ticket/set.ts")),
  entry("ticket tick", "Context", "Tick items of a checklist", () => import("./ticket/tick.ts")),
  entry("ticket close", "Context", "End a ticket, and open the one that follows", () => import("./ticket/close.ts")),
  entry("ticket next", "Context", "Name the ticket to begin with next", () => import("./ticket/next.ts")),
  entry("ticket list", "Context", "List the tickets of all branches", () => import("./ticket/list.ts")),
  entry(
    "ticket show",
    "Context",
    "Show a ticket, and what stands between it and its end",
    () => import("./ticket/show.ts"),
  ),
  entry(
    "migrate",
    "Context",
    "Move contexts to another layout, or from what was there before",
    () => import("./context/migrate.ts"),
  ),
  entry("status", "Live", "Show on one screen what goes on, and what needs you", () => import("./live/status.ts")),
  entry("watch", "Live", "Show every change as it happens", () => import("./live/watch.ts")),
  entry("agents", "Live", "Show who is there, and how one knows", () => import("./live/agents.ts")),
  entry("agent register", "Live", "Say that an agent is there", () => import("./live/agent-register.ts")),
  entry("agent beat", "Live", "Give a sign of life", () => import("./live/agent-beat.ts")),
  entry("agent leave", "Live", "Say that an agent is gone", () => import("./live/agent-leave.ts")),
  entry("lock", "Live", "Keep paths for yourself for a while", () => import("./live/lock.ts")),
  entry("unlock", "Live", "Give locked paths back", () => import("./live/unlock.ts")),
  entry("save", "Live", "Save a file that others may be writing too", () => import("./live/save.ts")),
  entry("task add", "Live", "Put a small piece of work into the queue", () => import("./live/task-add.ts")),
  entry("task take", "Live", "Take the next task for your role", () => import("./live/task-take.ts")),
  entry("task done", "Live", "End a task that you have", () => import("./live/task-done.ts")),
  entry("task fail", "Live", "Give a task back that could not be done", () => import("./live/task-fail.ts")),
  entry("task hand", "Live", "Hand a task to another agent", () => import("./live/task-hand.ts")),
  entry("task list", "Live", "List the tasks that are not done", () => import("./live/task-list.ts")),
  entry("shared get", "Live", "Read the shared context, or a key of it", () => import("./shared-context/get.ts")),
  entry("shared set", "Live", "Write a key of the shared context", () => import("./shared-context/set.ts")),
  entry(
    "shared history",
    "Live",
    "List the versions of the shared context",
    () => import("./shared-context/history.ts"),
  ),
  entry("shared diff", "Live", "Compare two versions of the shared context", () => import("./shared-context/diff.ts")),
  entry("shared snapshot", "Live", "Keep the newest version as a whole", () => import("./shared-context/snapshot.ts")),
  entry("shared rollback", "Live", "Make the shared context what it was", () => import("./shared-context/rollback.ts")),
  entry(
    "shared prune",
    "Live",
    "Remove the oldest part of the shared context's history",
    () => import("./shared-context/prune.ts"),
  ),
  entry(
    "shared resolve",
    "Live",
    "Decide between two values that both stand",
    () => import("./shared-context/resolve.ts"),
  ),
  entry(
    "shared verify",
    "Live",
    "Check that the history is what was written",
    () => import("./shared-context/verify.ts"),
  ),
  entry("shared watch", "Live", "Print every change of the shared context", () => import("./shared-context/watch.ts")),
  entry(
    "shared export",
    "Live",
    "Print the shared context as shared_context.json",
    () => import("./shared-context/export.ts"),
  ),
  entry("shared import", "Live", "Take a shared_context.json over", () => import("./shared-context/import.ts")),
  entry("tell", "Live", "Say something to an agent, a role, or all", () => import("./live/tell.ts")),
  entry("hook", "Live", "Answer a hook of an agent client", () => import("./live/hook.ts")),
  entry("mcp", "Live", "Serve agents by the Model Context Protocol", () => import("./live/mcp.ts")),
  entry("inbox", "Live", "Read what others told you, and what concerns you", () => import("./live/inbox.ts")),
  entry("state get", "State", "Show mode, task and feature here", () => import("./brain/state-get.ts")),
  entry("state set", "State", "Change mode, task or feature", () => import("./brain/state-set.ts")),
  entry("state history", "State", "Show what the state was", () => import("./brain/state-history.ts")),
  entry("state restore", "State", "Bring back what the state was", () => import("./brain/state-restore.ts")),
  entry("state gate", "State", "Say whether the mode allows a tool", () => import("./brain/state-gate.ts")),
  entry("state agent", "State", "Show or keep the record of an agent", () => import("./brain/state-agent.ts")),
  entry("state record", "State", "Add to the orchestrator's record", () => import("./brain/state-record.ts")),
  entry("state metrics", "State", "Print the counters of conflicts", () => import("./brain/state-metrics.ts")),
  entry("brain list", "State", "List the notes of the project", () => import("./brain/note-list.ts")),
  entry("brain read", "State", "Print a note", () => import("./brain/note-read.ts")),
  entry("brain write", "State", "Write a note", () => import("./brain/note-write.ts")),
  entry("brain delete", "State", "Remove a note", () => import("./brain/note-delete.ts")),
  entry("brain search", "State", "Find text in notes", () => import("./brain/note-search.ts")),
  entry("brain versions", "State", "Show what a note said before", () => import("./brain/note-versions.ts")),
  entry("brain migrate", "State", "Make one state of historic sessions", () => import("./brain/migrate.ts")),
  entry("checkpoint", "Safety", "Keep a workspace as it is, to the byte", () => import("./checkpoint/take.ts")),
  entry("checkpoint list", "Safety", "List what was kept", () => import("./checkpoint/list.ts")),
  entry("checkpoint show", "Safety", "Show what a checkpoint holds", () => import("./checkpoint/show.ts")),
  entry("checkpoint prune", "Safety", "Remove what something newer holds", () => import("./checkpoint/prune.ts")),
  entry("checkpoint restore", "Safety", "Bring a checkpoint back, exactly", () => import("./checkpoint/restore.ts")),
  entry(
    "conflicts",
    "Safety",
    "See which sessions would conflict, before they land",
    () => import("./live/conflicts.ts"),
  ),
  entry(
    "recover",
    "Safety",
    "See which holders are gone, and take their sessions over",
    () => import("./session/recover.ts"),
  ),
  entry("learn", "Knowledge", "Note something worth knowing beyond this session", () => import("./knowledge/learn.ts")),
  entry(
    "brain codemod",
    "State",
    "Rewrite code that calls what the session state has no more",
    () => import("./brain/codemod.ts"),
  ),
  entry("help", "Help", "Show this overview, or the help of one verb", () => import("./help.ts")),
  entry("demo-worker", "hidden", "Work as one agent of the demo", () => import("./demo/worker.ts")),
  entry("gate", "hidden", "Judge a commit or push for a git hook", () => import("./session/gate.ts")),
];

function entry(
  name: string,
  group: VerbEntry["group"],
  summary: string,
  load: () => Promise<{ readonly command: Command }>,
): VerbEntry {
  return { name, group, summary, load };
}

/** The verb that the words begin with, the longest name first. */
export function findVerb(words: readonly string[], verbs: readonly VerbEntry[] = VERBS): VerbEntry | undefined {
  for (const count of [3, 2, 1]) {
    if (words.length < count) continue;
    const name = words.slice(0, count).join(" ");
    const found = verbs.find((verb) => verb.name === name);
    if (found) return found;
  }
  return undefined;
}

/** The names that are shown and completed. */
export function visibleVerbs(verbs: readonly VerbEntry[] = VERBS): readonly VerbEntry[] {
  return verbs.filter(({ group }) => group !== "hidden");
}
