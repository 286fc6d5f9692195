import type { Berth } from "../../src/open.ts";

/** The verbs that the simulation may have done in another way. */
export interface Verbs {
  claim(berth: Berth, id: string): ReturnType<Berth["claim"]>;
  complete(berth: Berth, id: string): ReturnType<Berth["complete"]>;
}

/** As they are. */
export const soundVerbs: Verbs = {
  claim: (berth, id) => berth.claim({ id }),
  complete: (berth, id) => berth.complete({ id, commit: true, tick: ["all"] }),
};
