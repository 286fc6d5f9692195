/** Where a value belongs: a key of a context, or one of its task. */
type Home = readonly [key: string] | readonly [key: "task", inner: string];

/** What else people and tools call the keys of a context, in lower case without marks between words. */
const ALSO: Readonly<Record<string, Home>> = {
  sessionid: ["session_id"],
  startedat: ["started_at"],
  started: ["started_at"],
  starttime: ["started_at"],
  sessionstart: ["started_at"],
  lastupdated: ["last_updated"],
  updatedat: ["last_updated"],
  updated: ["last_updated"],
  operator: ["operator"],
  operatorname: ["operator"],
  assistant: ["assistant"],
  aiassistant: ["assistant"],
  status: ["status"],
  sessionstatus: ["status"],
  mode: ["mode"],
  currentmode: ["mode"],
  phase: ["phase"],
  currentphase: ["phase"],
  agent: ["agent"],
  currentagent: ["agent"],
  branch: ["branch"],
  gitbranch: ["branch"],
  workingbranch: ["branch"],
  task: ["task"],
  currenttask: ["task"],
  issue: ["task", "issue_number"],
  issuenumber: ["task", "issue_number"],
  githubissue: ["task", "issue_number"],
  taskissuenumber: ["task", "issue_number"],
  tasktitle: ["task", "title"],
  taskurl: ["task", "url"],
  issueurl: ["task", "url"],
  taskpriority: ["task", "priority"],
  taskstatus: ["task", "status"],
  parentcrd: ["parent_crd"],
  parentprd: ["parent_prd"],
  todos: ["todos"],
  todo: ["todos"],
  todolist: ["todos"],
  createdfiles: ["created_files"],
  filescreated: ["created_files"],
  modifiedfiles: ["modified_files"],
  filesmodified: ["modified_files"],
  fileschanged: ["modified_files"],
  dependencies: ["dependencies"],
  decisions: ["decisions"],
  decisionsmade: ["decisions"],
  keydecisions: ["decisions"],
  blockers: ["blockers"],
  impediments: ["blockers"],
  nextsteps: ["next_steps"],
  nextstep: ["next_steps"],
  nextactions: ["next_steps"],
  handoffrequirements: ["handoff_requirements"],
  handoff: ["handoff_requirements"],
  repository: ["repository"],
  repo: ["repository"],
  currentbranch: ["current_branch"],
  workingdirectory: ["working_directory"],
  workdir: ["working_directory"],
  uncommittedchanges: ["uncommitted_changes"],
  lastcommit: ["last_commit"],
  allowedtools: ["allowed_tools"],
  restrictedtools: ["restricted_tools"],
  deniedtools: ["restricted_tools"],
};

/** What else the keys of a task are called inside of it. */
const IN_TASK: Readonly<Record<string, string>> = {
  issue: "issue_number",
  issuenumber: "issue_number",
  number: "issue_number",
  title: "title",
  url: "url",
  priority: "priority",
  status: "status",
};

/** What else the keys of an item of the todos are called. */
const IN_TODO: Readonly<Record<string, string>> = {
  text: "content",
  title: "content",
  task: "content",
  content: "content",
  status: "status",
  state: "status",
  priority: "priority",
  id: "id",
};

/** The lists of a context whose items are texts. */
export const LISTS: ReadonlySet<string> = new Set([
  "created_files",
  "modified_files",
  "dependencies",
  "decisions",
  "blockers",
  "next_steps",
  "handoff_requirements",
  "allowed_tools",
  "restricted_tools",
]);

/** Where the value of a key or heading belongs; null for what is nobody's but its writer's. */
export function homeOf(name: string): Home | null {
  return own(ALSO, name);
}

export function taskKey(name: string): string | null {
  return own(IN_TASK, name);
}

export function todoKey(name: string): string | null {
  return own(IN_TODO, name);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "");
  return Object.hasOwn(table, word) ? (table[word] ?? null) : null;
}
