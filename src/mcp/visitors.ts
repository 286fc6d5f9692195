import { BerthError } from "../errors.ts";
import type { OpenOptions } from "../open.ts";
import { beginVisits, type Life } from "./life.ts";
import { nameOf, type Sender } from "./name.ts";
import { closeSeat, openSeat, type Seat } from "./seat.ts";

/** The agents that come by HTTP, each under its name. */
export interface Visitors {
  seat(name: string): Promise<Seat>;
  end(): Promise<void>;
}

interface Visit {
  readonly seat: Seat;
  readonly life: Life;
}

/** Who has not called for so long is not kept; it comes again with its next call. */
const IDLE_MS = 30 * 60_000;
const MOST = 64;

export function receiveVisitors(folder: string, opening: OpenOptions, complain: (error: unknown) => void): Visitors {
  const visits = new Map<string, { readonly visit: Promise<Visit>; at: number }>();
  const enter = async (agent: string): Promise<Visit> => {
    const seat = await openSeat(folder, { ...opening, agent });
    try {
      return { seat, life: await beginVisits(seat.home) };
    } catch (error) {
      closeSeat(seat);
      throw error;
    }
  };
  const leave = async (name: string): Promise<void> => {
    const known = visits.get(name);
    visits.delete(name);
    const visit = await known?.visit.catch(() => null);
    if (!visit) return;
    await visit.life.end().catch(complain);
    closeSeat(visit.seat);
  };
  const sweep = (): void => {
    const idle = [...visits].filter(([, { at }]) => performance.now() - at > IDLE_MS);
    for (const [name] of idle) leave(name).catch(complain);
  };
  const timer = setInterval(sweep, IDLE_MS / 10).unref();
  return {
    seat: async (name) => {
      const known = visits.get(name);
      if (!known && visits.size >= MOST)
        throw new BerthError("FAILED", `${MOST} agents are served already.`, {
          hint: "Start another server: berth mcp --http 0",
        });
      const entry = known ?? { visit: enter(name), at: 0 };
      entry.at = performance.now();
      visits.set(name, entry);
      const { seat, life } = await entry.visit.catch((error: unknown) => {
        visits.delete(name);
        throw error;
      });
      life.heard();
      return seat;
    },
    end: async () => {
      clearInterval(timer);
      await Promise.all([...visits.keys()].map(leave));
    },
  };
}

/** A name in a header, as the command line takes one. */
const NAME = /^[!-~](?:[ -~]{0,78}[!-~])?$/;

/**
 * The name that an agent gives itself with each request, or that of its conversation or program.
 * @throws BerthError INVALID
 */
export function visitorName(header: string | null, sender: Sender): string {
  if (header === null) return nameOf(sender, "http");
  if (NAME.test(header) && header !== "all") return header;
  throw new BerthError("INVALID", "The header Berth-Agent holds no usable name.", {
    hint: "Give a short one of visible characters, such as Berth-Agent: reviewer",
  });
}
