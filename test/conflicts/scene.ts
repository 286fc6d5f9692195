import type { Berth } from "../../src/open.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { team, working } from "../support/session.ts";

/** Two sessions of two agents in one repository. */
export interface Scene {
  readonly box: Sandbox;
  readonly home: string;
  readonly one: Berth;
  readonly two: Berth;
  readonly alpha: { readonly id: string; readonly dir: string };
  readonly beta: { readonly id: string; readonly dir: string };
}

export async function scene(options: Parameters<typeof team>[0] = { remote: false }): Promise<Scene> {
  const { box, home, berth: one } = await team(options);
  const two = await box.open(home, "agent two");
  const alpha = await working(one, "Alpha");
  const beta = await working(two, "Beta");
  return { box, home, one, two, alpha, beta };
}

/** Each pair that conflicts as its sessions' titles and its files. */
export function pairsIn(found: Awaited<ReturnType<Berth["conflicts"]>>): Record<string, readonly string[]> {
  const short = (id: string): string => id.replace(/^[\d-]+/, "");
  return Object.fromEntries(found.pairs.map(({ a, b, files }) => [`${short(a)} ${short(b)}`, files]));
}
