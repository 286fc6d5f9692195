import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What becomes of the bytes: they pass, or vanish while the connection stays, or nobody may connect. */
export type Weather = "pass" | "black hole" | "refuse";

/** Before the server has heard it, after it has answered, or while it is still on its way to the server. */
export type When = "before" | "after" | "on its way";

/** How long something is on its way. */
const LATE_MS = 150;

/** A wire between the clients and a server on which things go wrong. */
export interface FaultProxy {
  readonly port: number;
  weather: Weather;
  /** Every piece of data arrives this much later. */
  delayMs: number;
  /** Resets the connections there are. @returns how many */
  reset(): number;
  /** Resets the next connection whose client says this. */
  resetAt(word: string, when: When): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The server's next answer is the last thing that happens. */
  doomed: boolean;
  /** Something of it vanished: what comes later would be out of place, and never arrives on a real wire either. */
  gone: boolean;
}

/** Listens on a port of its own and passes on to `target`. */
export async function faultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let trap: { readonly word: string; readonly when: When } | undefined;
  const end = (pair: Pair): void => {
    if (!pairs.delete(pair)) return;
    pair.client.resetAndDestroy();
    pair.upstream.resetAndDestroy();
  };
  /** Whether this piece may go on to the server. */
  const springs = (pair: Pair, piece: Buffer): boolean => {
    if (!trap || !piece.includes(trap.word)) return false;
    const { when } = trap;
    trap = undefined;
    if (when === "after") pair.doomed = true;
    if (when === "before") end(pair);
    if (when === "on its way") {
      pairs.delete(pair);
      pair.client.resetAndDestroy();
      setTimeout(() => pair.upstream.end(piece), LATE_MS);
    }
    return when !== "after";
  };
  const vanishes = (pair: Pair): boolean => (pair.gone ||= proxy.weather === "black hole");
  const later = (work: () => void): void => void (proxy.delayMs > 0 ? setTimeout(work, proxy.delayMs) : work());
  const server = createServer((client) => {
    if (proxy.weather === "refuse") {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, upstream: connect(target, "127.0.0.1"), doomed: false, gone: false };
    pairs.add(pair);
    client.on("data", (piece: Buffer) => {
      if (!vanishes(pair) && !springs(pair, piece)) later(() => pair.upstream.write(piece));
    });
    pair.upstream.on("data", (piece: Buffer) => {
      if (pair.doomed) end(pair);
      else if (!vanishes(pair)) later(() => client.write(piece));
    });
    for (const socket of [client, pair.upstream]) {
      socket.setNoDelay(true);
      // In a black hole neither side learns that the other has gone.
      socket.on("error", () => undefined).on("close", () => vanishes(pair) || end(pair));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    weather: "pass",
    delayMs: 0,
    reset: () => {
      const all = [...pairs];
      for (const pair of all) end(pair);
      return all.length;
    },
    resetAt: (word, when) => void (trap = { word, when }),
    close: async () => {
      for (const pair of pairs) end(pair);
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
