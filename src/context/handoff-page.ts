import { type LastOutput, type LeftBehind, leftLines, outputLines } from "./left-behind.ts";

/** Everything the next agent needs to carry on. */
export interface Handoff {
  readonly path: string;
  readonly session: string | null;
  readonly ticket: string | null;
  readonly task: {
    readonly title: string | null;
    readonly issue: string | null;
    readonly url: string | null;
    readonly priority: string | null;
    readonly status: string | null;
  };
  readonly status: string | null;
  /** What the agent was at, as the session state says. */
  readonly state: {
    readonly mode: string;
    readonly task: string | null;
    readonly feature: string | null;
    readonly version: number;
  } | null;
  readonly mode: string | null;
  readonly phase: string | null;
  readonly agent: string | null;
  readonly operator: string | null;
  readonly updated: string | null;
  /** What was to be done: the session's plan, and the ticket's checklist. */
  readonly plan: Plan | null;
  readonly blockers: readonly string[];
  /** The latest first. */
  readonly decisions: readonly string[];
  readonly nextSteps: readonly string[];
  /** Those that are open first. */
  readonly todos: readonly HandoffTodo[];
  readonly requirements: readonly string[];
  readonly files: {
    readonly uncommitted: readonly string[];
    readonly modified: readonly string[];
    readonly created: readonly string[];
  };
  readonly git: {
    readonly branch: string | null;
    readonly commit: { readonly id: string; readonly at: string; readonly subject: string } | null;
  };
  /** The session's worklog, the latest first. */
  readonly worklog: readonly { readonly at: string; readonly text: string }[];
  /** What the holder before left, where the session was taken over. */
  readonly left: LeftBehind | null;
  /** What the last verification printed on this machine. */
  readonly output: LastOutput | null;
  /** What of this could not be read. */
  readonly problems: readonly string[];
}

export interface Plan {
  readonly title: string | null;
  readonly context: string | null;
  readonly criteria: readonly { readonly text: string; readonly done: boolean }[];
}

export interface HandoffTodo {
  readonly id: string;
  readonly content: string;
  readonly status: string;
  readonly priority: string | null;
  readonly over: boolean;
}

/** The most characters that a page has: what an agent can be given before anything else. */
const PAGE = 8000;

/** Room for the list of what was left out. */
const REST = 900;
const LINE = 300;

interface Section {
  readonly title: string;
  /** What it is called where something of it was left out. */
  readonly name: string;
  readonly lines: readonly string[];
  /** Characters that it may have before all others had theirs. */
  readonly share: number;
}

/**
 * A handoff as one page of Markdown, the most important first. Each section has its share, and what is left goes to the
 * first that need more; what does not fit is named. [CTX-15]
 */
export function handoffPage(handoff: Handoff): string {
  const head = headLines(handoff);
  const sections = sectionsOf(handoff).filter(({ lines }) => lines.length > 0);
  const cut = sections.map(({ lines }) => lines.map((line) => short(line, LINE)));
  const sizes = cut.map((lines) => lines.map((line) => line.length + 1));
  const heads = sections.reduce((sum, { title }) => sum + title.length + 6, head.length + 1);
  let room = PAGE - REST - heads;
  const counts = sections.map(({ share }, at) => {
    const count = fitting(sizes[at] ?? [], 0, Math.min(share, room));
    room -= total(sizes[at] ?? [], count);
    return count;
  });
  for (const [at, list] of sizes.entries()) {
    const before = counts[at] ?? 0;
    const count = fitting(list, before, room);
    room -= total(list, count) - total(list, before);
    counts[at] = count;
  }
  const parts = sections.map(({ title }, at) =>
    [`## ${title}`, "", ...(cut[at] ?? []).slice(0, counts[at])].join("\n"),
  );
  const left = sections.flatMap(({ name, lines }, at) => {
    const count = lines.length - (counts[at] ?? 0);
    const shortened = lines.slice(0, counts[at]).filter((line) => line.length > LINE).length;
    return [
      ...(count > 0 ? [`- ${name}: ${count} more`] : []),
      ...(shortened > 0 ? [`- ${name}: ${shortened} shortened`] : []),
    ];
  });
  if (left.length > 0)
    parts.push(["## Left out here", "", ...left, "", "All of it: `berth context handoff --json`"].join("\n"));
  return `${[head, ...parts.filter((part) => part.includes("\n\n"))].join("\n\n")}\n`.slice(0, PAGE);
}

function fitting(sizes: readonly number[], from: number, room: number): number {
  let count = from;
  let used = 0;
  while (count < sizes.length && used + (sizes[count] ?? 0) <= room) {
    used += sizes[count] ?? 0;
    count += 1;
  }
  return count;
}

function total(sizes: readonly number[], count: number): number {
  return sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
}

function headLines(handoff: Handoff): string {
  const { task, plan, status, state, mode, phase, agent, operator, path, updated, problems } = handoff;
  const title = short(line(task.title ?? plan?.title ?? handoff.ticket ?? handoff.session ?? "this repository"), 200);
  const issue = [task.issue === null ? null : `issue ${task.issue}`, task.status, task.priority, task.url];
  const words = [
    ["Task", issue.filter(Boolean).join(", ")],
    [
      "Status",
      [status, mode && `mode ${mode}`, phase && `phase ${phase}`, agent && `role ${agent}`].filter(Boolean).join(", "),
    ],
    ["At work on", state === null ? "" : [`${state.mode} mode`, state.task, state.feature].filter(Boolean).join(", ")],
    ["Session", handoff.session ?? ""],
    ["Ticket", handoff.ticket ?? ""],
    ["Responsible", operator ?? ""],
    [
      "Source",
      `${path}${updated === null ? "" : `, last changed ${updated}`}; what people and agents wrote there, as they wrote it`,
    ],
    ...problems.slice(0, 3).map((problem) => ["Problem", problem] as const),
  ] as const;
  const shown = words.flatMap(([name, text]) => (text === "" ? [] : [`- ${name}: ${short(line(text), 250)}`]));
  return [`# Handoff: ${title}`, "", ...shown].join("\n");
}

function sectionsOf(handoff: Handoff): Section[] {
  const { plan, todos, files, git, worklog } = handoff;
  const items = (texts: readonly string[]): string[] => texts.map((text) => `- ${line(text)}`);
  const open = todos.filter(({ over }) => !over);
  const over = todos.filter((todo) => todo.over);
  const todo = ({ id, content, status, priority }: Handoff["todos"][number]): string =>
    `- ${id}: ${line(content)} (${[status, priority].filter(Boolean).join(", ")})`;
  return [
    {
      title: "Plan",
      name: "plan",
      share: 1300,
      lines: [
        ...(plan?.context ? [line(plan.context)] : []),
        ...(plan?.criteria ?? []).map(({ text, done }) => `- [${done ? "x" : " "}] ${line(text)}`),
      ],
    },
    { title: "Left by the holder before", name: "what was left", share: 900, lines: leftLines(handoff.left).map(line) },
    { title: "Blockers", name: "blockers", share: 1000, lines: items(handoff.blockers) },
    { title: "Decisions", name: "decisions", share: 1100, lines: items(handoff.decisions) },
    { title: "Next steps", name: "next steps", share: 900, lines: items(handoff.nextSteps) },
    { title: "Todos", name: "todos", share: 1000, lines: [...open, ...over].map(todo) },
    { title: "Required for the handoff", name: "requirements", share: 500, lines: items(handoff.requirements) },
    {
      title: "Open files",
      name: "open files",
      share: 500,
      lines: [
        ...files.uncommitted.map((file) => `- ${line(file)} (not committed)`),
        ...files.modified.map((file) => `- ${line(file)}`),
        ...files.created.map((file) => `- ${line(file)} (new)`),
      ],
    },
    {
      title: "Branch",
      name: "branch",
      share: 400,
      lines: [
        `- ${line(git.branch ?? "no branch")}`,
        ...(git.commit
          ? [`- last commit ${git.commit.id.slice(0, 10)}, ${git.commit.at}: ${line(git.commit.subject)}`]
          : []),
      ],
    },
    { title: "Worklog", name: "worklog", share: 600, lines: worklog.map(({ at, text }) => `- ${at} ${line(text)}`) },
    { title: "Last output", name: "last output", share: 500, lines: outputLines(handoff.output).map(line) },
  ];
}

/** Text of any origin as one line without anything that hides in it. */
function line(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .trim();
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
