import { isBerthError } from "../errors.ts";
import { type OpenOptions, openBerth } from "../open.ts";
import { beginLife, type Life } from "./life.ts";
import { isTold, nameOf, type Sender } from "./name.ts";
import { closeSeat, openSeat, type Seat } from "./seat.ts";

/** The one agent of a pair of pipes. */
export interface Chair {
  /** Who calls; a name that nothing tells is found out from the first call. */
  seat(sender: Sender): Promise<Seat>;
  /** Who has called, or is there by its name; null where nobody is yet. */
  known(): Promise<Seat | null>;
  leave(): Promise<void>;
}

interface Sitting {
  readonly seat: Seat;
  readonly life: Life;
}

/** Registers the agent at once where its name is known, and else when it first calls. @param complain of what nobody waits for */
export function takeChair(folder: string, opening: OpenOptions, complain: (error: unknown) => void): Chair {
  const begun = named(folder, opening).then((name) => (name === null ? null : sit(folder, opening, name)));
  begun.catch(complain);
  let taken: Promise<Sitting> | undefined;
  const take = async (sender: Sender): Promise<Sitting> => {
    // What failed at the beginning, a store that was not there, may go well now.
    const known = await begun.catch(async () => {
      const name = await named(folder, opening);
      return name === null ? null : sit(folder, opening, name);
    });
    return known ?? sit(folder, opening, nameOf(sender), !isTold(sender));
  };
  return {
    seat: async (sender) => {
      taken ??= take(sender);
      const { seat, life } = await taken.catch((error: unknown) => {
        taken = undefined;
        throw error;
      });
      life.heard();
      return seat;
    },
    known: async () => (await (taken ?? begun).catch(() => null))?.seat ?? null,
    leave: async () => {
      const known = await (taken ?? begun).catch(() => null);
      if (!known) return;
      await known.life.end().catch(complain);
      closeSeat(known.seat);
    },
  };
}

/** The name by which a caller goes here: its own, or that of the workspace; null where only git's user is known. */
async function named(folder: string, opening: OpenOptions): Promise<string | null> {
  if (opening.agent !== undefined) return opening.agent;
  const berth = await openBerth(folder, opening);
  const { name, named: own } = berth.project.caller;
  berth.close();
  return own ? name : null;
}

/** Two that go by one name are two agents all the same: the second one has a number. */
const MOST_OF_ONE_NAME = 9;

async function sit(
  folder: string,
  opening: OpenOptions,
  name: string,
  passing: boolean = false,
  nth: number = 1,
): Promise<Sitting> {
  const agent = nth === 1 ? name : `${name.slice(0, 76)}-${nth}`;
  const seat = await openSeat(folder, { ...opening, agent }, passing || nth > 1);
  try {
    return { seat, life: await beginLife(seat.home) };
  } catch (error) {
    closeSeat(seat);
    const taken = isBerthError(error) && error.code === "ALREADY_REGISTERED";
    if (!taken || nth === MOST_OF_ONE_NAME) throw error;
    return sit(folder, opening, name, passing, nth + 1);
  }
}
