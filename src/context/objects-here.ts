import { type ObjectReader, openObjects } from "../git/objects.ts";
import type { Project } from "../project.ts";

/** Reads objects of the checkout one stands in: a clone made as a workspace has commits that its parent has not yet. */
export async function withObjectsHere<T>(project: Project, work: (objects: ObjectReader) => Promise<T>): Promise<T> {
  const { here, repository } = project;
  if (here.commonDir === repository.commonDir) return work(project.objects);
  const objects = openObjects({ ...project.git, dir: here.top ?? here.gitDir });
  try {
    return await work(objects);
  } finally {
    objects.close();
  }
}
