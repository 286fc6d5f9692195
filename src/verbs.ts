import type { agents } from "./coordination/agent/agents.ts";
import type { register } from "./coordination/agent/register.ts";
import type { beat } from "./coordination/agent/beat.ts";
import type { leave } from "./coordination/agent/leave.ts";
import type { lock } from "./coordination/lock/lock.ts";
import type { unlock } from "./coordination/lock/unlock.ts";
import type { addTask } from "./coordination/task/add.ts";
import type { takeTask } from "./coordination/task/take.ts";
import type { assignTask } from "./coordination/task/assign.ts";
import type { doneTask, failTask } from "./coordination/task/finish.ts";
import type { handTask } from "./coordination/task/hand.ts";
import type { listTasks } from "./coordination/task/list.ts";
import type { tell } from "./coordination/message/tell.ts";
import type { inbox } from "./coordination/message/inbox.ts";
import type { status } from "./live/status.ts";
import type { Project } from "./project.ts";
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
import type { config } from "./setup/config.ts";
import type { doctor } from "./setup/doctor.ts";
import type { init } from "./setup/init.ts";
import type { uninit } from "./setup/uninit.ts";

import type { sharedGet } from "./shared-context/get.ts";
import type { sharedSet } from "./shared-context/set.ts";
import type { sharedHistory, sharedDiff } from "./shared-context/history.ts";
import type { sharedSnapshot, sharedRollback } from "./shared-context/rollback.ts";
import type { sharedResolve } from "./shared-context/resolve.ts";
import type { sharedVerify } from "./shared-context/verify.ts";
import type { sharedExport, sharedImport } from "./shared-context/exchange.ts";

/** A verb without its project: what the handle offers. */
type Bound<F> = F extends (project: Project, input: infer Input) => infer Output ? (input: Input) => Output : never;

/** Every verb, bound to one project. Inputs, results and errors are those of the verbs' own files. */
export interface Verbs {
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
  readonly list: Bound<typeof list>;
  readonly show: Bound<typeof show>;
  readonly drift: Bound<typeof drift>;
  readonly trace: Bound<typeof trace>;
  readonly learn: Bound<typeof learn>;
  readonly gate: Bound<typeof gate>;
  readonly agents: Bound<typeof agents>;
  readonly register: Bound<typeof register>;
  readonly beat: Bound<typeof beat>;
  readonly leave: Bound<typeof leave>;
  readonly lock: Bound<typeof lock>;
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
  readonly status: Bound<typeof status>;
  readonly sharedGet: Bound<typeof sharedGet>;
  readonly sharedSet: Bound<typeof sharedSet>;
  readonly sharedHistory: Bound<typeof sharedHistory>;
  readonly sharedDiff: Bound<typeof sharedDiff>;
  readonly sharedSnapshot: Bound<typeof sharedSnapshot>;
  readonly sharedRollback: Bound<typeof sharedRollback>;
  readonly sharedResolve: Bound<typeof sharedResolve>;
  readonly sharedVerify: Bound<typeof sharedVerify>;
  readonly sharedExport: Bound<typeof sharedExport>;
  readonly sharedImport: Bound<typeof sharedImport>;
  readonly init: Bound<typeof init>;
  readonly doctor: Bound<typeof doctor>;
  readonly config: Bound<typeof config>;
  readonly uninit: Bound<typeof uninit>;
}

/** The file of each verb, loaded when it is first called, so that a hot verb loads no other. */
const FILES = {
  draft: () => import("./session/plan/draft.ts"),
  edit: () => import("./session/plan/edit.ts"),
  ready: () => import("./session/plan/ready.ts"),
  claim: () => import("./session/claim/claim.ts"),
  release: () => import("./session/end/give-up.ts"),
  abandon: () => import("./session/end/give-up.ts"),
  env: () => import("./session/look/env.ts"),
  path: () => import("./session/look/env.ts"),
  log: () => import("./session/journal.ts"),
  plan: () => import("./session/journal.ts"),
  subsession: () => import("./session/plan/subsession.ts"),
  sync: () => import("./session/land/sync.ts"),
  land: () => import("./session/land/land.ts"),
  complete: () => import("./session/end/complete.ts"),
  recover: () => import("./session/recover.ts"),
  list: () => import("./session/look/list.ts"),
  show: () => import("./session/look/show.ts"),
  drift: () => import("./session/look/drift.ts"),
  trace: () => import("./session/look/trace.ts"),
  learn: () => import("./session/learn.ts"),
  gate: () => import("./session/land/gate.ts"),
  agents: () => import("./coordination/agent/agents.ts"),
  register: () => import("./coordination/agent/register.ts"),
  beat: () => import("./coordination/agent/beat.ts"),
  leave: () => import("./coordination/agent/leave.ts"),
  lock: () => import("./coordination/lock/lock.ts"),
  unlock: () => import("./coordination/lock/unlock.ts"),
  addTask: () => import("./coordination/task/add.ts"),
  takeTask: () => import("./coordination/task/take.ts"),
  assignTask: () => import("./coordination/task/assign.ts"),
  doneTask: () => import("./coordination/task/finish.ts"),
  failTask: () => import("./coordination/task/finish.ts"),
  handTask: () => import("./coordination/task/hand.ts"),
  tasks: () => import("./coordination/task/list.ts"),
  tell: () => import("./coordination/message/tell.ts"),
  inbox: () => import("./coordination/message/inbox.ts"),
  status: () => import("./live/status.ts"),
  sharedGet: () => import("./shared-context/get.ts"),
  sharedSet: () => import("./shared-context/set.ts"),
  sharedHistory: () => import("./shared-context/history.ts"),
  sharedDiff: () => import("./shared-context/history.ts"),
  sharedSnapshot: () => import("./shared-context/rollback.ts"),
  sharedRollback: () => import("./shared-context/rollback.ts"),
  sharedResolve: () => import("./shared-context/resolve.ts"),
  sharedVerify: () => import("./shared-context/verify.ts"),
  sharedExport: () => import("./shared-context/exchange.ts"),
  sharedImport: () => import("./shared-context/exchange.ts"),
  init: () => import("./setup/init.ts"),
  doctor: () => import("./setup/doctor.ts"),
  config: () => import("./setup/config.ts"),
  uninit: () => import("./setup/uninit.ts"),
};

/** Begins to load a verb's files, for somebody who has to wait for something else first. */
export function loadVerb(name: string | undefined): void {
  if (name === undefined || !Object.hasOwn(FILES, name)) return;
  // Where this fails, the call of the verb fails too, and says it.
  FILES[name as keyof typeof FILES]().catch(() => undefined);
}

/** Gives each verb its project. */
export function bindVerbs(project: Project): Verbs {
  return {
    draft: async (input) => (await FILES.draft()).draft(project, input),
    edit: async (input) => (await FILES.edit()).edit(project, input),
    ready: async (input) => (await FILES.ready()).ready(project, input),
    claim: async (input) => (await FILES.claim()).claim(project, input),
    release: async (input) => (await FILES.release()).release(project, input),
    abandon: async (input) => (await FILES.abandon()).abandon(project, input),
    env: async (input) => (await FILES.env()).env(project, input),
    path: async (input) => (await FILES.path()).path(project, input),
    log: async (input) => (await FILES.log()).log(project, input),
    plan: async (input) => (await FILES.plan()).plan(project, input),
    subsession: async (input) => (await FILES.subsession()).subsession(project, input),
    sync: async (input) => (await FILES.sync()).sync(project, input),
    land: async (input) => (await FILES.land()).land(project, input),
    complete: async (input) => (await FILES.complete()).complete(project, input),
    recover: async (input) => (await FILES.recover()).recover(project, input),
    list: async (input) => (await FILES.list()).list(project, input),
    show: async (input) => (await FILES.show()).show(project, input),
    drift: async (input) => (await FILES.drift()).drift(project, input),
    trace: async (input) => (await FILES.trace()).trace(project, input),
    learn: async (input) => (await FILES.learn()).learn(project, input),
    gate: async (input) => (await FILES.gate()).gate(project, input),
    agents: async (input) => (await FILES.agents()).agents(project, input),
    register: async (input) => (await FILES.register()).register(project, input),
    beat: async (input) => (await FILES.beat()).beat(project, input),
    leave: async (input) => (await FILES.leave()).leave(project, input),
    lock: async (input) => (await FILES.lock()).lock(project, input),
    unlock: async (input) => (await FILES.unlock()).unlock(project, input),
    addTask: async (input) => (await FILES.addTask()).addTask(project, input),
    takeTask: async (input) => (await FILES.takeTask()).takeTask(project, input),
    assignTask: async (input) => (await FILES.assignTask()).assignTask(project, input),
    doneTask: async (input) => (await FILES.doneTask()).doneTask(project, input),
    failTask: async (input) => (await FILES.failTask()).failTask(project, input),
    handTask: async (input) => (await FILES.handTask()).handTask(project, input),
    tasks: async (input) => (await FILES.tasks()).listTasks(project, input),
    tell: async (input) => (await FILES.tell()).tell(project, input),
    inbox: async (input) => (await FILES.inbox()).inbox(project, input),
    status: async (input) => (await FILES.status()).status(project, input),
    sharedGet: async (input) => (await FILES.sharedGet()).sharedGet(project, input),
    sharedSet: async (input) => (await FILES.sharedSet()).sharedSet(project, input),
    sharedHistory: async (input) => (await FILES.sharedHistory()).sharedHistory(project, input),
    sharedDiff: async (input) => (await FILES.sharedDiff()).sharedDiff(project, input),
    sharedSnapshot: async (input) => (await FILES.sharedSnapshot()).sharedSnapshot(project, input),
    sharedRollback: async (input) => (await FILES.sharedRollback()).sharedRollback(project, input),
    sharedResolve: async (input) => (await FILES.sharedResolve()).sharedResolve(project, input),
    sharedVerify: async (input) => (await FILES.sharedVerify()).sharedVerify(project, input),
    sharedExport: async (input) => (await FILES.sharedExport()).sharedExport(project, input),
    sharedImport: async (input) => (await FILES.sharedImport()).sharedImport(project, input),
    init: async (input) => (await FILES.init()).init(project, input),
    doctor: async (input) => (await FILES.doctor()).doctor(project, input),
    config: async (input) => (await FILES.config()).config(project, input),
    uninit: async (input) => (await FILES.uninit()).uninit(project, input),
  };
}
