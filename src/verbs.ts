import type { Project } from "./project.ts";
import type { claim } from "./session/claim.ts";
import type { complete } from "./session/complete.ts";
import type { draft } from "./session/draft.ts";
import type { drift } from "./session/drift.ts";
import type { edit } from "./session/edit.ts";
import type { env, path } from "./session/env.ts";
import type { gate } from "./session/gate.ts";
import type { release, abandon } from "./session/give-up.ts";
import type { log, plan } from "./session/journal.ts";
import type { land } from "./session/land.ts";
import type { learn } from "./session/learn.ts";
import type { list } from "./session/list.ts";
import type { ready } from "./session/ready.ts";
import type { recover } from "./session/recover.ts";
import type { show } from "./session/show.ts";
import type { subsession } from "./session/subsession.ts";
import type { sync } from "./session/sync.ts";
import type { trace } from "./session/trace.ts";
import type { config } from "./setup/config.ts";
import type { doctor } from "./setup/doctor.ts";
import type { init } from "./setup/init.ts";
import type { uninit } from "./setup/uninit.ts";

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
  readonly init: Bound<typeof init>;
  readonly doctor: Bound<typeof doctor>;
  readonly config: Bound<typeof config>;
  readonly uninit: Bound<typeof uninit>;
}

/** Gives each verb its project; its file is loaded when it is first called, so that a hot verb loads no other. */
export function bindVerbs(project: Project): Verbs {
  return {
    draft: async (input) => (await import("./session/draft.ts")).draft(project, input),
    edit: async (input) => (await import("./session/edit.ts")).edit(project, input),
    ready: async (input) => (await import("./session/ready.ts")).ready(project, input),
    claim: async (input) => (await import("./session/claim.ts")).claim(project, input),
    release: async (input) => (await import("./session/give-up.ts")).release(project, input),
    abandon: async (input) => (await import("./session/give-up.ts")).abandon(project, input),
    env: async (input) => (await import("./session/env.ts")).env(project, input),
    path: async (input) => (await import("./session/env.ts")).path(project, input),
    log: async (input) => (await import("./session/journal.ts")).log(project, input),
    plan: async (input) => (await import("./session/journal.ts")).plan(project, input),
    subsession: async (input) => (await import("./session/subsession.ts")).subsession(project, input),
    sync: async (input) => (await import("./session/sync.ts")).sync(project, input),
    land: async (input) => (await import("./session/land.ts")).land(project, input),
    complete: async (input) => (await import("./session/complete.ts")).complete(project, input),
    recover: async (input) => (await import("./session/recover.ts")).recover(project, input),
    list: async (input) => (await import("./session/list.ts")).list(project, input),
    show: async (input) => (await import("./session/show.ts")).show(project, input),
    drift: async (input) => (await import("./session/drift.ts")).drift(project, input),
    trace: async (input) => (await import("./session/trace.ts")).trace(project, input),
    learn: async (input) => (await import("./session/learn.ts")).learn(project, input),
    gate: async (input) => (await import("./session/gate.ts")).gate(project, input),
    init: async (input) => (await import("./setup/init.ts")).init(project, input),
    doctor: async (input) => (await import("./setup/doctor.ts")).doctor(project, input),
    config: async (input) => (await import("./setup/config.ts")).config(project, input),
    uninit: async (input) => (await import("./setup/uninit.ts")).uninit(project, input),
  };
}
