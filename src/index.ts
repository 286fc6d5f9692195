export { type Clock, systemClock } from "./clock.ts";
export type { Config } from "./config.ts";
export { BerthError, type ErrorCode, isBerthError } from "./errors.ts";
export { type Berth, openBerth, type OpenOptions } from "./open.ts";
export { type ContextConflict, type SeedOperations, seedOperations } from "./live/seed-operations.ts";
export type { LockHandle } from "./coordination/lock/handle.ts";
export { type Progress, type Step, type StepName, STEPS } from "./progress.ts";
