import type { Bound, Files, Unbound } from "./bound-verb.ts";
import { BRAIN_FILES, type BrainVerbs } from "./brain-verbs.ts";
import type { contextInit } from "./context/make.ts";
import type { contextHandoff } from "./context/handoff.ts";
import type { contextNow } from "./session/context/context-now.ts";
import type { contextHistory } from "./context/history.ts";
import type { contextArchive } from "./context/move-old.ts";
import type { contextRepair } from "./context/repair.ts";
import type { contextSearch } from "./context/search.ts";
import type { contextSet } from "./context/set.ts";
import type { contextShow } from "./context/show.ts";
import type { ticketSet } from "./context/ticket/set.ts";
import type { ticketTick } from "./context/ticket/tick.ts";
import type { todoAdd, todoList, todoSet } from "./context/todo.ts";
import type { todoMirror } from "./context/todo-mirror.ts";
import type { contextValidate } from "./context/validate-files.ts";
import type { agents } from "./coordination/agent/agents.ts";
import type { register } from "./coordination/agent/register.ts";
import type { beat } from "./coordination/agent/beat.ts";
import type { stay } from "./coordination/agent/stay.ts";
import type { leave } from "./coordination/agent/leave.ts";
import type { lock } from "./coordination/lock/lock.ts";
import type { lockCheck } from "./coordination/lock/check.ts";
import type { fileHash, saveFile } from "./coordination/save/save.ts";
import type { hold } from "./coordination/lock/handle.ts";
import type { lockEdited, markEdited } from "./coordination/lock/edited.ts";
import type { unlock } from "./coordination/lock/unlock.ts";
import type { addTask } from "./coordination/task/add.ts";
import type { takeTask } from "./coordination/task/take.ts";
import type { assignTask } from "./coordination/task/assign.ts";
import type { doneTask, failTask } from "./coordination/task/finish.ts";
import type { handTask } from "./coordination/task/hand.ts";
import type { listTasks } from "./coordination/task/list.ts";
import type { tell } from "./coordination/message/tell.ts";
import type { inbox, markRead } from "./coordination/message/inbox.ts";
import type { migrate } from "./migrate/migrate.ts";
import type { conflicts } from "./conflicts/conflicts.ts";
import type { watchConflicts } from "./conflicts/watch.ts";
import type { status } from "./live/status.ts";
import type { watch } from "./live/watch.ts";
import type { Project } from "./project.ts";
import { SETUP_FILES, type SetupVerbs } from "./setup-verbs.ts";
import type { checkpoint } from "./session/checkpoint/take.ts";
import type { checkpointList, checkpointShow } from "./session/checkpoint/look.ts";
import type { checkpointIfChanged } from "./session/checkpoint/periodic.ts";
import type { checkpointPrune } from "./session/checkpoint/prune.ts";
import type { checkpointRestore } from "./session/checkpoint/restore.ts";
import type { claim } from "./session/claim/claim.ts";
import type { complete } from "./session/end/complete.ts";
import type { draft } from "./session/plan/draft.ts";
import type { drift } from "./session/look/drift.ts";
import type { edit } from "./session/plan/edit.ts";
import type { env, path } from "./session/look/env.ts";
import type { gate } from "./session/land/gate.ts";
import type { release, abandon } from "./session/end/give-up.ts";
import type { log, plan } from "./session/journal.ts";
import type { land } from "./session/land/land.ts";
import type { learn } from "./session/learn.ts";
import type { list } from "./session/look/list.ts";
import type { ready } from "./session/plan/ready.ts";
import type { recover } from "./session/recover.ts";
import type { show } from "./session/look/show.ts";
import type { subsession } from "./session/plan/subsession.ts";
import type { sync } from "./session/land/sync.ts";
import type { trace } from "./session/look/trace.ts";
import type { closeTicket } from "./session/ticket/close.ts";
import type { listTickets } from "./session/ticket/list.ts";
import type { ticketNext } from "./session/ticket/next.ts";
import type { openTicket } from "./session/ticket/open.ts";
import type { showTicket } from "./session/ticket/show.ts";
import type { takeTicket } from "./session/ticket/take.ts";
import type { sharedGet } from "./shared-context/get.ts";
import type { sharedSet } from "./shared-context/set.ts";
import type { sharedHistory, sharedDiff } from "./shared-context/history.ts";
import type { sharedSnapshot, sharedRollback } from "./shared-context/rollback.ts";
import type { sharedPrune } from "./shared-context/prune.ts";
import type { sharedResolve } from "./shared-context/resolve.ts";
import type { sharedVerify } from "./shared-context/verify.ts";
import type { sharedWatch } from "./shared-context/watch.ts";
import type { sharedExport, sharedImport } from "./shared-context/exchange.ts";

/** Every verb, bound to one project. Inputs, results and errors are those of the verbs' own files. */
export interface Verbs extends BrainVerbs, SetupVerbs {
  readonly draft: Bound<typeof draft>;
  readonly edit: Bound<typeof edit>;
  readonly ready: Bound<typeof ready>;
  readonly claim: Bound<typeof claim>;
  readonly release: Bound<typeof release>;
  readonly abandon: Bound<typeof abandon>;
  readonly env: Bound<typeof env>;
  readonly path: Bound<typeof path>;
  readonly log: Bound<typeof log>;
  readonly plan: Bound<typeof plan>;
  readonly subsession: Bound<typeof subsession>;
  readonly sync: Bound<typeof sync>;
  readonly land: Bound<typeof land>;
  readonly complete: Bound<typeof complete>;
  readonly recover: Bound<typeof recover>;
  readonly checkpoint: Bound<typeof checkpoint>;
  readonly checkpointList: Bound<typeof checkpointList>;
  readonly checkpointShow: Bound<typeof checkpointShow>;
  readonly checkpointIfChanged: Bound<typeof checkpointIfChanged>;
  readonly checkpointPrune: Bound<typeof checkpointPrune>;
  readonly checkpointRestore: Bound<typeof checkpointRestore>;
  readonly list: Bound<typeof list>;
  readonly show: Bound<typeof show>;
  readonly drift: Bound<typeof drift>;
  readonly trace: Bound<typeof trace>;
  readonly learn: Bound<typeof learn>;
  readonly gate: Bound<typeof gate>;
  readonly agents: Bound<typeof agents>;
  readonly register: Bound<typeof register>;
  readonly beat: Bound<typeof beat>;
  readonly stay: Bound<typeof stay>;
  readonly leave: Bound<typeof leave>;
  readonly lock: Bound<typeof lock>;
  readonly lockCheck: Bound<typeof lockCheck>;
  readonly hold: Bound<typeof hold>;
  readonly lockEdited: Bound<typeof lockEdited>;
  readonly markEdited: Bound<typeof markEdited>;
  readonly saveFile: Bound<typeof saveFile>;
  readonly fileHash: Bound<typeof fileHash>;
  readonly unlock: Bound<typeof unlock>;
  readonly addTask: Bound<typeof addTask>;
  readonly takeTask: Bound<typeof takeTask>;
  readonly assignTask: Bound<typeof assignTask>;
  readonly doneTask: Bound<typeof doneTask>;
  readonly failTask: Bound<typeof failTask>;
  readonly handTask: Bound<typeof handTask>;
  readonly tasks: Bound<typeof listTasks>;
  readonly tell: Bound<typeof tell>;
  readonly inbox: Bound<typeof inbox>;
  readonly markRead: Bound<typeof markRead>;
  readonly status: Bound<typeof status>;
  readonly watch: Bound<typeof watch>;
  readonly conflicts: Bound<typeof conflicts>;
  readonly watchConflicts: Bound<typeof watchConflicts>;
  readonly sharedGet: Bound<typeof sharedGet>;
  readonly sharedSet: Bound<typeof sharedSet>;
  readonly sharedHistory: Bound<typeof sharedHistory>;
  readonly sharedDiff: Bound<typeof sharedDiff>;
  readonly sharedSnapshot: Bound<typeof sharedSnapshot>;
  readonly sharedRollback: Bound<typeof sharedRollback>;
  readonly sharedPrune: Bound<typeof sharedPrune>;
  readonly sharedResolve: Bound<typeof sharedResolve>;
  readonly sharedVerify: Bound<typeof sharedVerify>;
  readonly sharedWatch: Bound<typeof sharedWatch>;
  readonly sharedExport: Bound<typeof sharedExport>;
  readonly sharedImport: Bound<typeof sharedImport>;
  readonly contextSearch: Bound<typeof contextSearch>;
  readonly contextHandoff: Bound<typeof contextHandoff>;
  readonly contextHistory: Bound<typeof contextHistory>;
  readonly contextNow: Bound<typeof contextNow>;
  readonly contextArchive: Bound<typeof contextArchive>;
  readonly contextRepair: Bound<typeof contextRepair>;
  readonly contextShow: Bound<typeof contextShow>;
  readonly contextSet: Bound<typeof contextSet>;
  readonly contextInit: Bound<typeof contextInit>;
  readonly contextValidate: Bound<typeof contextValidate>;
  readonly todoAdd: Bound<typeof todoAdd>;
  readonly todoSet: Bound<typeof todoSet>;
  readonly todoList: Bound<typeof todoList>;
  readonly todoMirror: Bound<typeof todoMirror>;
  readonly ticketOpen: Bound<typeof openTicket>;
  readonly ticketTake: Bound<typeof takeTicket>;
  readonly ticketSet: Bound<typeof ticketSet>;
  readonly ticketTick: Bound<typeof ticketTick>;
  readonly ticketClose: Bound<typeof closeTicket>;
  readonly ticketNext: Bound<typeof ticketNext>;
  readonly ticketList: Bound<typeof listTickets>;
  readonly ticketShow: Bound<typeof showTicket>;
  readonly migrate: Bound<typeof migrate>;
}

/** The file of each verb, loaded when it is first called, so that a hot verb loads no other. */
const FILES: Files<Verbs> = {
  ...BRAIN_FILES,
  ...SETUP_FILES,
  draft: () => import("./session/plan/draft.ts").then((file) => file.draft),
  edit: () => import("./session/plan/edit.ts").then((file) => file.edit),
  ready: () => import("./session/plan/ready.ts").then((file) => file.ready),
  claim: () => import("./session/claim/claim.ts").then((file) => file.claim),
  release: () => import("./session/end/give-up.ts").then((file) => file.release),
  abandon: () => import("./session/end/give-up.ts").then((file) => file.abandon),
  env: () => import("./session/look/env.ts").then((file) => file.env),
  path: () => import("./session/look/env.ts").then((file) => file.path),
  log: () => import("./session/journal.ts").then((file) => file.log),
  plan: () => import("./session/journal.ts").then((file) => file.plan),
  subsession: () => import("./session/plan/subsession.ts").then((file) => file.subsession),
  sync: () => import("./session/land/sync.ts").then((file) => file.sync),
  land: () => import("./session/land/land.ts").then((file) => file.land),
  complete: () => import("./session/end/complete.ts").then((file) => file.complete),
  recover: () => import("./session/recover.ts").then((file) => file.recover),
  checkpoint: () => import("./session/checkpoint/take.ts").then((file) => file.checkpoint),
  checkpointList: () => import("./session/checkpoint/look.ts").then((file) => file.checkpointList),
  checkpointShow: () => import("./session/checkpoint/look.ts").then((file) => file.checkpointShow),
  checkpointIfChanged: () => import("./session/checkpoint/periodic.ts").then((file) => file.checkpointIfChanged),
  checkpointPrune: () => import("./session/checkpoint/prune.ts").then((file) => file.checkpointPrune),
  checkpointRestore: () => import("./session/checkpoint/restore.ts").then((file) => file.checkpointRestore),
  list: () => import("./session/look/list.ts").then((file) => file.list),
  show: () => import("./session/look/show.ts").then((file) => file.show),
  drift: () => import("./session/look/drift.ts").then((file) => file.drift),
  trace: () => import("./session/look/trace.ts").then((file) => file.trace),
  learn: () => import("./session/learn.ts").then((file) => file.learn),
  gate: () => import("./session/land/gate.ts").then((file) => file.gate),
  agents: () => import("./coordination/agent/agents.ts").then((file) => file.agents),
  register: () => import("./coordination/agent/register.ts").then((file) => file.register),
  beat: () => import("./coordination/agent/beat.ts").then((file) => file.beat),
  stay: () => import("./coordination/agent/stay.ts").then((file) => file.stay),
  leave: () => import("./coordination/agent/leave.ts").then((file) => file.leave),
  lock: () => import("./coordination/lock/lock.ts").then((file) => file.lock),
  lockCheck: () => import("./coordination/lock/check.ts").then((file) => file.lockCheck),
  hold: () => import("./coordination/lock/handle.ts").then((file) => file.hold),
  lockEdited: () => import("./coordination/lock/edited.ts").then((file) => file.lockEdited),
  markEdited: () => import("./coordination/lock/edited.ts").then((file) => file.markEdited),
  saveFile: () => import("./coordination/save/save.ts").then((file) => file.saveFile),
  fileHash: () => import("./coordination/save/save.ts").then((file) => file.fileHash),
  unlock: () => import("./coordination/lock/unlock.ts").then((file) => file.unlock),
  addTask: () => import("./coordination/task/add.ts").then((file) => file.addTask),
  takeTask: () => import("./coordination/task/take.ts").then((file) => file.takeTask),
  assignTask: () => import("./coordination/task/assign.ts").then((file) => file.assignTask),
  doneTask: () => import("./coordination/task/finish.ts").then((file) => file.doneTask),
  failTask: () => import("./coordination/task/finish.ts").then((file) => file.failTask),
  handTask: () => import("./coordination/task/hand.ts").then((file) => file.handTask),
  tasks: () => import("./coordination/task/list.ts").then((file) => file.listTasks),
  tell: () => import("./coordination/message/tell.ts").then((file) => file.tell),
  inbox: () => import("./coordination/message/inbox.ts").then((file) => file.inbox),
  markRead: () => import("./coordination/message/inbox.ts").then((file) => file.markRead),
  status: () => import("./live/status.ts").then((file) => file.status),
  watch: () => import("./live/watch.ts").then((file) => file.watch),
  conflicts: () => import("./conflicts/conflicts.ts").then((file) => file.conflicts),
  watchConflicts: () => import("./conflicts/watch.ts").then((file) => file.watchConflicts),
  sharedGet: () => import("./shared-context/get.ts").then((file) => file.sharedGet),
  sharedSet: () => import("./shared-context/set.ts").then((file) => file.sharedSet),
  sharedHistory: () => import("./shared-context/history.ts").then((file) => file.sharedHistory),
  sharedDiff: () => import("./shared-context/history.ts").then((file) => file.sharedDiff),
  sharedSnapshot: () => import("./shared-context/rollback.ts").then((file) => file.sharedSnapshot),
  sharedRollback: () => import("./shared-context/rollback.ts").then((file) => file.sharedRollback),
  sharedPrune: () => import("./shared-context/prune.ts").then((file) => file.sharedPrune),
  sharedResolve: () => import("./shared-context/resolve.ts").then((file) => file.sharedResolve),
  sharedVerify: () => import("./shared-context/verify.ts").then((file) => file.sharedVerify),
  sharedWatch: () => import("./shared-context/watch.ts").then((file) => file.sharedWatch),
  sharedExport: () => import("./shared-context/exchange.ts").then((file) => file.sharedExport),
  sharedImport: () => import("./shared-context/exchange.ts").then((file) => file.sharedImport),
  ticketList: () => import("./session/ticket/list.ts").then((file) => file.listTickets),
  contextSearch: () => import("./context/search.ts").then((file) => file.contextSearch),
  contextHandoff: () => import("./context/handoff.ts").then((file) => file.contextHandoff),
  contextHistory: () => import("./context/history.ts").then((file) => file.contextHistory),
  contextNow: () => import("./session/context/context-now.ts").then((file) => file.contextNow),
  contextArchive: () => import("./context/move-old.ts").then((file) => file.contextArchive),
  contextRepair: () => import("./context/repair.ts").then((file) => file.contextRepair),
  contextShow: () => import("./context/show.ts").then((file) => file.contextShow),
  contextSet: () => import("./context/set.ts").then((file) => file.contextSet),
  contextInit: () => import("./context/make.ts").then((file) => file.contextInit),
  contextValidate: () => import("./context/validate-files.ts").then((file) => file.contextValidate),
  todoAdd: () => import("./context/todo.ts").then((file) => file.todoAdd),
  todoSet: () => import("./context/todo.ts").then((file) => file.todoSet),
  todoList: () => import("./context/todo.ts").then((file) => file.todoList),
  todoMirror: () => import("./context/todo-mirror.ts").then((file) => file.todoMirror),
  ticketOpen: () => import("./session/ticket/open.ts").then((file) => file.openTicket),
  ticketTake: () => import("./session/ticket/take.ts").then((file) => file.takeTicket),
  ticketSet: () => import("./context/ticket/set.ts").then((file) => file.ticketSet),
  ticketTick: () => import("./context/ticket/tick.ts").then((file) => file.ticketTick),
  ticketClose: () => import("./session/ticket/close.ts").then((file) => file.closeTicket),
  ticketNext: () => import("./session/ticket/next.ts").then((file) => file.ticketNext),
  ticketShow: () => import("./session/ticket/show.ts").then((file) => file.showTicket),
  migrate: () => import("./migrate/migrate.ts").then((file) => file.migrate),
};

/** Begins to load a verb's files, for somebody who has to wait for something else first. */
export function loadVerb(name: string | undefined): void {
  if (name === undefined || !Object.hasOwn(FILES, name)) return;
  // Where this fails, the call of the verb fails too, and says it.
  FILES[name as keyof typeof FILES]().catch(() => undefined);
}

/** Gives each verb its project. */
export function bindVerbs(project: Project): Verbs {
  const bound = Object.entries(FILES).map(([name, load]) => [
    name,
    async (...inputs: never[]) => ((await load()) as Unbound<(...inputs: never[]) => unknown>)(project, ...inputs),
  ]);
  return Object.fromEntries(bound) as Verbs;
}
