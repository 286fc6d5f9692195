import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { isBusy } from "./sqlite-errors.ts";

/** Something of a process that ends with it, however it ends, and that others can see. */
export interface Standing {
  close(): Promise<void>;
}

/**
 * Standing under a name is a shared lock on a file of that name, which the kernel frees with the process. Unlike a
 * process number it means the same in every container.
 */
export function standingIn(
  dir: string,
  project: string,
  clock: Clock,
): { stand(name: string): Promise<Standing>; stands(name: string): Promise<boolean> } {
  const open = (name: string): DatabaseSync => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const file = join(dir, encodeURIComponent(`${project} ${name}`).slice(0, 200));
    const sqlite = process.getBuiltinModule("node:sqlite");
    return new sqlite.DatabaseSync(file, { timeout: 0 });
  };
  return {
    stand: async (name) => {
      const database = open(name);
      while (!share(database)) await clock.sleep(1 + 4 * clock.random());
      return {
        close: async () => {
          if (database.isOpen) database.close();
        },
      };
    },
    stands: async (name) => {
      const database = open(name);
      try {
        database.exec("begin exclusive");
        return false;
      } catch (error) {
        if (isBusy(error)) return true;
        throw error;
      } finally {
        database.close();
      }
    },
  };
}

/** @returns false while somebody looks */
function share(database: DatabaseSync): boolean {
  try {
    database.exec("begin");
    database.prepare("select count(*) from sqlite_schema").get();
    return true;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    if (isBusy(error)) return false;
    throw error;
  }
}
