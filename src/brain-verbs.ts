import type { brainCodemod } from "./brain/codemod/codemod.ts";
import type { noteDelete, noteList, noteRead, noteSearch, noteVersions, noteWrite } from "./brain/notes/verbs.ts";
import type {
  changeSession,
  cleanupSession,
  getSession,
  initSession,
  loadSession,
  sessionPlan,
  setSession,
} from "./brain/state/session.ts";
import type { loadAgentContext, saveAgentContext } from "./brain/state/agent-context.ts";
import type { stateRestore, stateRestorePlan } from "./brain/state/restore.ts";
import type { stateGate } from "./brain/state/gate.ts";
import type { stateGet, stateHistory, stateMetrics } from "./brain/state/look.ts";
import type {
  agentInvoked,
  agentCompleted,
  decisionMade,
  verdictGiven,
  handoffMade,
  recordPlan,
  workflowPhase,
} from "./brain/orchestrator/record.ts";
import type { brainMigrate, brainMigratePlan } from "./brain/consolidate/migrate.ts";
import type { Bound, Files } from "./bound-verb.ts";

/** The verbs of notes and of the session state, bound to one project. */
export interface BrainVerbs {
  readonly agentInvoked: Bound<typeof agentInvoked>;
  readonly agentCompleted: Bound<typeof agentCompleted>;
  readonly decisionMade: Bound<typeof decisionMade>;
  readonly verdictGiven: Bound<typeof verdictGiven>;
  readonly handoffMade: Bound<typeof handoffMade>;
  readonly recordPlan: Bound<typeof recordPlan>;
  readonly workflowPhase: Bound<typeof workflowPhase>;
  readonly brainMigrate: Bound<typeof brainMigrate>;
  readonly brainMigratePlan: Bound<typeof brainMigratePlan>;
  readonly brainCodemod: Bound<typeof brainCodemod>;
  readonly noteRead: Bound<typeof noteRead>;
  readonly noteWrite: Bound<typeof noteWrite>;
  readonly noteDelete: Bound<typeof noteDelete>;
  readonly noteList: Bound<typeof noteList>;
  readonly noteSearch: Bound<typeof noteSearch>;
  readonly noteVersions: Bound<typeof noteVersions>;
  readonly initSession: Bound<typeof initSession>;
  readonly getSession: Bound<typeof getSession>;
  readonly loadSession: Bound<typeof loadSession>;
  readonly setSession: Bound<typeof setSession>;
  readonly changeSession: Bound<typeof changeSession>;
  readonly cleanupSession: Bound<typeof cleanupSession>;
  readonly saveAgentContext: Bound<typeof saveAgentContext>;
  readonly loadAgentContext: Bound<typeof loadAgentContext>;
  readonly stateRestorePlan: Bound<typeof stateRestorePlan>;
  readonly sessionPlan: Bound<typeof sessionPlan>;
  readonly stateRestore: Bound<typeof stateRestore>;
  readonly stateGate: Bound<typeof stateGate>;
  readonly stateGet: Bound<typeof stateGet>;
  readonly stateHistory: Bound<typeof stateHistory>;
  readonly stateMetrics: Bound<typeof stateMetrics>;
}

/** Where each of them is. */
export const BRAIN_FILES: Files<BrainVerbs> = {
  brainCodemod: () => import("./brain/codemod/codemod.ts").then((file) => file.brainCodemod),
  noteRead: () => import("./brain/notes/verbs.ts").then((file) => file.noteRead),
  noteWrite: () => import("./brain/notes/verbs.ts").then((file) => file.noteWrite),
  noteDelete: () => import("./brain/notes/verbs.ts").then((file) => file.noteDelete),
  noteList: () => import("./brain/notes/verbs.ts").then((file) => file.noteList),
  noteSearch: () => import("./brain/notes/verbs.ts").then((file) => file.noteSearch),
  noteVersions: () => import("./brain/notes/verbs.ts").then((file) => file.noteVersions),
  initSession: () => import("./brain/state/session.ts").then((file) => file.initSession),
  getSession: () => import("./brain/state/session.ts").then((file) => file.getSession),
  loadSession: () => import("./brain/state/session.ts").then((file) => file.loadSession),
  setSession: () => import("./brain/state/session.ts").then((file) => file.setSession),
  changeSession: () => import("./brain/state/session.ts").then((file) => file.changeSession),
  cleanupSession: () => import("./brain/state/session.ts").then((file) => file.cleanupSession),
  saveAgentContext: () => import("./brain/state/agent-context.ts").then((file) => file.saveAgentContext),
  loadAgentContext: () => import("./brain/state/agent-context.ts").then((file) => file.loadAgentContext),
  stateGate: () => import("./brain/state/gate.ts").then((file) => file.stateGate),
  stateGet: () => import("./brain/state/look.ts").then((file) => file.stateGet),
  stateHistory: () => import("./brain/state/look.ts").then((file) => file.stateHistory),
  stateMetrics: () => import("./brain/state/look.ts").then((file) => file.stateMetrics),
  brainMigrate: () => import("./brain/consolidate/migrate.ts").then((file) => file.brainMigrate),
  brainMigratePlan: () => import("./brain/consolidate/migrate.ts").then((file) => file.brainMigratePlan),
  agentInvoked: () => import("./brain/orchestrator/record.ts").then((file) => file.agentInvoked),
  agentCompleted: () => import("./brain/orchestrator/record.ts").then((file) => file.agentCompleted),
  decisionMade: () => import("./brain/orchestrator/record.ts").then((file) => file.decisionMade),
  verdictGiven: () => import("./brain/orchestrator/record.ts").then((file) => file.verdictGiven),
  handoffMade: () => import("./brain/orchestrator/record.ts").then((file) => file.handoffMade),
  recordPlan: () => import("./brain/orchestrator/record.ts").then((file) => file.recordPlan),
  workflowPhase: () => import("./brain/orchestrator/record.ts").then((file) => file.workflowPhase),
  stateRestore: () => import("./brain/state/restore.ts").then((file) => file.stateRestore),
  stateRestorePlan: () => import("./brain/state/restore.ts").then((file) => file.stateRestorePlan),
  sessionPlan: () => import("./brain/state/session.ts").then((file) => file.sessionPlan),
};
