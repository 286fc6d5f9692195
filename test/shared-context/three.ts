import type { Berth } from "../../src/open.ts";
import { type Team, team } from "../support/session.ts";

/** One project with three agents. */
export async function three(
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Team & { one: Berth; two: Berth; three: Berth }> {
  const at = await team({ remote: false, settings });
  const open = (name: string): Promise<Berth> => at.box.open(at.home, name);
  return { ...at, one: await open("one"), two: await open("two"), three: await open("three") };
}
