import type { Berth } from "../../src/open.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Order } from "./worker.ts";

/** What is called, and what was made ready for it. */
export interface Deed {
  readonly verb: string;
  readonly input: Order["input"];
  /** Where it is called; without it, at home. */
  readonly dir?: string;
  readonly agent?: string;
}

/** A verb that writes to the live layer, or files, and moves no branch of the hub. */
export interface PlainScenario {
  /** Run twice it adds twice: a run after one whose answer was lost is not asked to change nothing. */
  readonly adds?: true;
  /** It writes the same notes more than once. */
  readonly stages?: true;
  readonly make: (stage: Stage) => Promise<Deed>;
}

export interface Stage {
  readonly box: Sandbox;
  readonly home: string;
  /** The agent that will call the verb, and another one; both are closed afterwards. */
  readonly worker: Berth;
  readonly other: Berth;
}
