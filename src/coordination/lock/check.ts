import type { Project } from "../../project.ts";
import { checkoutOf } from "../../project.ts";
import { line, oneOf, requireInput, texts } from "../input.ts";
import { decide } from "./decide.ts";
import { type Hold, type LockMode, readHolds, shown } from "./hold.ts";
import { type LockPath, lockPath } from "./lock-path.ts";

const INPUT = { paths: texts, mode: oneOf("exclusive", "shared"), agent: line };

/** What would refuse a lock on paths at this moment, and nothing is changed by asking. */
export interface LockCheck {
  /** Whether nobody else holds any of them. */
  readonly free: boolean;
  /** What others hold of them, in whatever checkout. */
  readonly holders: readonly Hold[];
  /** Whether one of those was taken in this very checkout, where a save is refused. */
  readonly refusesSave: boolean;
}

/**
 * Who has locked any of some paths, other than the caller: one read, for those who ask before every edit. [XCS-06]
 * @throws BerthError INVALID for a path
 */
export async function lockCheck(
  project: Project,
  input: {
    readonly paths: readonly string[];
    readonly mode?: LockMode | undefined;
    readonly agent?: string | undefined;
  },
): Promise<LockCheck> {
  requireInput(input, INPUT, ["paths"]);
  const agent = input.agent ?? project.caller.name;
  const place = { top: project.here.top ?? project.cwd, cwd: project.cwd };
  const paths: LockPath[] = [];
  for (const given of input.paths) paths.push(await lockPath(place, given));
  const store = await project.store.open();
  const wish = { agent, paths, mode: input.mode ?? "exclusive", ticket: null };
  const { holders } = decide(wish, await store.read(readHolds), []);
  const checkout = checkoutOf(project);
  return {
    free: holders.length === 0,
    holders: holders.map(shown),
    refusesSave: holders.some((hold) => hold.place === checkout),
  };
}
