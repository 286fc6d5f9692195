import type { Bound, Files } from "./bound-verb.ts";
import type { setUpAgents } from "./setup/agent-files.ts";
import type { config } from "./setup/config.ts";
import type { hooksState, installHooks, uninstallHooks } from "./setup/context-hooks.ts";
import type { doctor } from "./setup/doctor.ts";
import type { init } from "./setup/init.ts";
import type { uninit } from "./setup/uninit.ts";

/** Verbs that set a repository up and look after what they made. */
export interface SetupVerbs {
  readonly init: Bound<typeof init>;
  readonly hooksState: Bound<typeof hooksState>;
  readonly installHooks: Bound<typeof installHooks>;
  readonly uninstallHooks: Bound<typeof uninstallHooks>;
  readonly doctor: Bound<typeof doctor>;
  readonly config: Bound<typeof config>;
  readonly setUpAgents: Bound<typeof setUpAgents>;
  readonly uninit: Bound<typeof uninit>;
}

/** The file of each of them. */
export const SETUP_FILES: Files<SetupVerbs> = {
  init: () => import("./setup/init.ts").then((file) => file.init),
  hooksState: () => import("./setup/context-hooks.ts").then((file) => file.hooksState),
  installHooks: () => import("./setup/context-hooks.ts").then((file) => file.installHooks),
  uninstallHooks: () => import("./setup/context-hooks.ts").then((file) => file.uninstallHooks),
  doctor: () => import("./setup/doctor.ts").then((file) => file.doctor),
  config: () => import("./setup/config.ts").then((file) => file.config),
  setUpAgents: () => import("./setup/agent-files.ts").then((file) => file.setUpAgents),
  uninit: () => import("./setup/uninit.ts").then((file) => file.uninit),
};
