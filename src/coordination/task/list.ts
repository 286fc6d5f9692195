import type { Project } from "../../project.ts";
import { flag, requireInput } from "../input.ts";
import { readTasks, type Task } from "./task.ts";

/** The tasks, in the order in which they would be taken; those that are done only with `all`. */
export async function listTasks(
  project: Project,
  input: { readonly all?: boolean } = {},
): Promise<{ tasks: readonly Task[] }> {
  requireInput(input, { all: flag });
  const store = await project.store.open();
  return { tasks: await store.read((tx) => readTasks(tx, input.all ?? false)) };
}
