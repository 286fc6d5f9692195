import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { statusOf, WORK_STATUS } from "../status-word.ts";
import { PRIORITIES, vocabularyOf } from "../vocabulary.ts";

/** One word that is asked for. */
interface Asked {
  readonly key: "status" | "phase" | "mode" | "agent" | "priority";
  readonly word: string;
}

/**
 * A mistyped word would look like an answer. What a ticket somewhere says is one all the same, whatever the settings say.
 * @param isThere whether any ticket has the word
 * @throws BerthError USAGE naming the words that there are
 */
export async function requireKnownWords(
  { config }: Pick<Project, "config">,
  asked: readonly Asked[],
  isThere: (asked: Asked) => Promise<boolean>,
): Promise<void> {
  const { modes, phases, agents } = vocabularyOf(config);
  const known: Readonly<Record<Asked["key"], readonly string[]>> = {
    status: WORK_STATUS.known,
    phase: [...phases.keys()],
    mode: [...modes.keys()],
    agent: agents,
    priority: PRIORITIES,
  };
  for (const one of asked) {
    const { key, word } = one;
    if (known[key].includes(word) || (key === "status" && statusOf(WORK_STATUS, word) !== null)) continue;
    if (await isThere(one)) continue;
    throw new BerthError("USAGE", `${word} is no ${key} of a ticket.`, { hint: `One of ${known[key].join(", ")}.` });
  }
}
