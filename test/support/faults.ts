import { syncBuiltinESMExports } from "node:module";
import type { LazyStore } from "../../src/store/open-store.ts";
import { signsIn } from "../../src/store/signs-in.ts";
import type { Patience, Store, Writing } from "../../src/store/store.ts";

/** Called at a place that has a name; what is done there waits for it. */
export type Arrive = (name: string) => Promise<void>;

/**
 * Where every write to the live layer comes by, whichever verb it is: its work was done and nothing of it stands yet, and
 * it stands and nobody was told.
 */
export const STORE_PLACES = ["store.decided", "store.written"] as const;

/** What changes a disk through Node, whichever verb does it; each has its place just before. */
const DISK_CALLS = {
  writeFile: "disk.write",
  appendFile: "disk.write",
  rename: "disk.rename",
  rm: "disk.remove",
  unlink: "disk.remove",
  rmdir: "disk.remove",
  symlink: "disk.link",
  link: "disk.link",
  copyFile: "disk.copy",
  cp: "disk.copy",
  truncate: "disk.cut",
  open: "disk.open",
} as const;

/** Those of an open file. */
const HANDLE_CALLS = {
  writeFile: "disk.write",
  appendFile: "disk.write",
  write: "disk.write",
  writev: "disk.write",
  truncate: "disk.cut",
  sync: "disk.flush",
} as const;

export const DISK_PLACES: readonly string[] = [
  ...new Set<string>([...Object.values(DISK_CALLS), ...Object.values(HANDLE_CALLS)]),
].toSorted();

type Call = (...values: unknown[]) => Promise<unknown>;

/**
 * From here on every change of the disk that this process makes through `node:fs/promises` comes by a place. Files that
 * may be deleted at any time have none.
 */
export function watchDisk(arrive: Arrive): void {
  const disk = process.getBuiltinModule("node:fs").promises as unknown as Record<string, Call>;
  for (const [name, place] of Object.entries(DISK_CALLS)) {
    const plain = disk[name];
    if (!plain) throw new Error(`node:fs/promises has no ${name}`);
    disk[name] = async (...values) => {
      const reads = name === "open" && !(typeof values[1] === "string" && /[wa+]/.test(values[1]));
      if (reads || isDispensable(String(values[0]))) return plain(...values);
      await arrive(place);
      const made = await plain(...values);
      if (name === "open") watchHandle(made as Record<string, Call>, arrive);
      return made;
    };
  }
  syncBuiltinESMExports();
}

function watchHandle(handle: Record<string, Call>, arrive: Arrive): void {
  for (const [name, place] of Object.entries(HANDLE_CALLS)) {
    const plain = handle[name]?.bind(handle);
    if (!plain) throw new Error(`a file handle has no ${name}`);
    handle[name] = async (...values) => {
      await arrive(place);
      return plain(...values);
    };
  }
}

function isDispensable(path: string): boolean {
  return path.includes("/berth/cache/") || path.endsWith("/berth-place.json");
}

/** The same store, of which every write comes by its places. */
export function steppingStore(lazy: LazyStore, arrive: Arrive): LazyStore {
  const deciding =
    <T>(work: (tx: Writing) => Promise<T>) =>
    async (tx: Writing): Promise<T> => {
      const result = await work(tx);
      await arrive("store.decided");
      return result;
    };
  const told = async <T>(writing: Promise<T>): Promise<T> => {
    const result = await writing;
    await arrive("store.written");
    return result;
  };
  return {
    ...lazy,
    open: async (patience) => {
      const store = await lazy.open(patience);
      const write = <T>(work: (tx: Writing) => Promise<T>, wait?: Patience): Promise<T> =>
        told(store.write(deciding(work), wait));
      const stepping: Store = { ...store, write };
      // In a file a sign is a write like any other.
      return store.engine.name === "sqlite" ? { ...stepping, sign: signsIn({ write }) } : stepping;
    },
    tell: (work, signal) => told(lazy.tell(deciding(work), signal)),
  };
}

/** What a disk, or a file's rights, may answer. */
export const ERRNOS = ["EIO", "ENOSPC", "EACCES"] as const;
export type Errno = (typeof ERRNOS)[number];

export function systemError(errno: Errno, place: string): Error {
  return Object.assign(new Error(`${errno}: at ${place}`), { code: errno, syscall: "write", errno: -1 });
}
