import { type Answer, type Call, fail, operands, say } from "./call.ts";
import { isAncestor } from "./history.ts";
import { bring } from "./objects.ts";
import { need, type Repository } from "./repository.ts";
import { moveRefs } from "./plumbing.ts";

const NOTHING = "0".repeat(40);

/** One reference of the hub that somebody asks to move. */
export interface Move {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

/**
 * What becomes of a push: `lost` never arrives, `cut` takes effect without an answer, `late` is taken for lost and
 * arrives afterwards, `twice` arrives a second time later, `refused` finds a lock.
 */
export type Fate = "sound" | "lost" | "cut" | "late" | "twice" | "refused";

/** The way to the hub, as the simulation would have it. */
export interface Network {
  /** Whether the hub moves several references at once. */
  readonly atomic: boolean;
  /** Waits until the simulation lets it go on. */
  turn(what: string): Promise<void>;
  fateOfPush(moves: readonly Move[]): Fate;
  fetchFails(): boolean;
  /** Does something at some later time, whatever becomes of the caller. */
  later(work: () => void): void;
  /** Called when references of the hub have moved. */
  moved(moves: readonly Move[]): void;
}

const CUT = fail(128, "fatal: the remote end hung up unexpectedly");

/** `git push`: what the hub has is read first, and moves only from that. */
export async function push(call: Call, network: Network): Promise<Answer> {
  const { place, args } = call;
  const [, ...specs] = operands(args);
  const hub = hubOf(call);
  await network.turn("push begins");
  const moves = specs.map((spec): Move => {
    const at = spec.indexOf(":");
    const ref = spec.slice(at + 1);
    const to = at === 0 ? NOTHING : need(place, spec.slice(0, at));
    return { ref, from: hub.refs.get(ref) ?? NOTHING, to };
  });
  if (args.includes("--dry-run")) return say();
  const atomic = args.includes("--atomic");
  if (atomic && !network.atomic) return fail(128, "fatal: the receiving end does not support --atomic push");
  const rejected = moves.filter((move) => !mayMove(place.repository, move, leaseOf(args, move.ref)));
  if (rejected.length > 0)
    return fail(
      1,
      "error: failed to push some refs",
      rejected.map(({ ref }) => `!\t${ref}\t[rejected] (fetch first)\n`).join(""),
    );
  const real = moves.filter(({ from, to }) => from !== to);
  const fate = network.fateOfPush(real);
  if (fate === "refused")
    return fail(1, "error: failed to push some refs", `!\t${real[0]?.ref}\t[remote rejected] (failed to update ref)\n`);
  if (fate === "lost") return CUT;
  const arrive = (): string | null => arriveAt(place.repository, hub, real, network);
  if (fate === "late") {
    network.later(arrive);
    return CUT;
  }
  await network.turn("push arrives");
  const said = arrive();
  if (fate === "twice") network.later(arrive);
  await network.turn("push is answered");
  if (fate === "cut") return CUT;
  if (said !== null)
    return fail(1, "error: failed to push some refs", `!\t${real[0]?.ref}\t[remote rejected] (${said})\n`);
  for (const { ref, to } of moves) track(call, ref, to);
  return say();
}

function mayMove({ objects }: Repository, { from, to }: Move, lease: string | null): boolean {
  if (lease !== null) return from === lease;
  return from === NOTHING || from === to || isAncestor(objects, from, to);
}

function leaseOf(args: readonly string[], ref: string): string | null {
  const option = `--force-with-lease=${ref}:`;
  const own = args.find((arg) => arg.startsWith(option))?.slice(option.length);
  return own === undefined ? null : own === "" ? NOTHING : own;
}

function arriveAt(from: Repository, hub: Repository, moves: readonly Move[], network: Network): string | null {
  bring(
    from.objects,
    hub.objects,
    moves.map(({ to }) => to).filter((oid) => oid !== NOTHING),
  );
  const said = moveRefs(hub.refs, moves);
  if (said === null && moves.length > 0) network.moved(moves);
  return said;
}

function track({ place }: Call, ref: string, to: string): void {
  const { refs } = place.repository;
  const own = ref.replace(/^refs\/heads\//, "refs/remotes/origin/");
  if (to === NOTHING) refs.delete(own);
  else refs.set(own, to);
}

/** `git fetch`: what the hub has at one moment is written here at a later one, unless somebody else did meanwhile. */
export async function fetch(call: Call, network: Network): Promise<Answer> {
  const { place, args } = call;
  const { objects, refs } = place.repository;
  const hub = hubOf(call);
  await network.turn("fetch begins");
  if (network.fetchFails()) return fail(128, "fatal: unable to access the hub: Could not resolve host");
  const specs = operands(args)
    .slice(1)
    .map((spec) => spec.replace(/^\+/, "").split(":") as [string, string]);
  const wanted = new Map<string, string | null>();
  for (const [from, to] of specs) {
    if (!from.includes("*")) {
      const oid = hub.refs.get(from);
      if (oid === undefined) return fail(128, `fatal: couldn't find remote ref ${from}`);
      wanted.set(to, oid);
      continue;
    }
    for (const ref of refs.keys()) if (starOf(to, ref) !== null && args.includes("--prune")) wanted.set(ref, null);
    for (const [ref, oid] of hub.refs) {
      const star = starOf(from, ref);
      if (star !== null) wanted.set(to.replace("*", star), oid);
    }
  }
  const before = new Map([...wanted.keys()].map((ref) => [ref, refs.get(ref)]));
  bring(
    hub.objects,
    objects,
    [...wanted.values()].filter((oid) => oid !== null),
  );
  await network.turn("fetch ends");
  for (const [ref, oid] of wanted) {
    if (refs.get(ref) !== before.get(ref)) return fail(1, `error: cannot lock ref '${ref}': is at another value`);
    if (oid === null) refs.delete(ref);
    else refs.set(ref, oid);
  }
  return say();
}

/** What the star of a pattern stands for in a name. */
function starOf(pattern: string, ref: string): string | null {
  const [head = "", tail = ""] = pattern.split("*");
  const fits = ref.startsWith(head) && ref.endsWith(tail) && ref.length >= head.length + tail.length;
  return fits ? ref.slice(head.length, ref.length - tail.length) : null;
}

export async function listRemote(call: Call, network: Network): Promise<Answer> {
  const [, ...wanted] = operands(call.args.filter((arg) => arg !== "--"));
  await network.turn("ls-remote");
  if (network.fetchFails()) return fail(128, "fatal: unable to access the hub");
  const found = [...hubOf(call).refs].filter(([ref]) => wanted.length === 0 || wanted.includes(ref));
  return say(found.map(([ref, oid]) => `${oid}\t${ref}\n`).join(""));
}

function hubOf({ place, repositories }: Call): Repository {
  const hub = repositories.get(place.repository.config.get("remote.origin.url") ?? "");
  if (!hub) throw new Error("the model knows no such hub");
  return hub;
}
