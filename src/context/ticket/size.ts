import { ARTIFACTS, type TicketFiles } from "./files.ts";
import { fileProblem, type TicketProblem } from "./problem.ts";

/** Kilobytes (of 1,024 bytes) that files may have; settings `context.limits`. */
export interface Limits {
  readonly artifact: number;
  readonly blob: number;
  readonly warn: number;
}

/**
 * Which files of a ticket's artifacts/ are too large, or neither text nor image. Pointers of Git LFS are small text.
 * [TKT-05]
 */
export function artifactProblems({ files, folder }: TicketFiles, limits: Limits): TicketProblem[] {
  return [...files].flatMap(([path, { size, text, image }]) => {
    if (!path.startsWith(`${ARTIFACTS}/`)) return [];
    const file = `${folder}/${path}`;
    const found = shown(size);
    if (size > limits.artifact * 1024) {
      const message = `this artifact has ${found}; the limit is ${limits.artifact} KB. Keep large files in Git LFS`;
      return [fileProblem(file, found, `at most ${limits.artifact} KB`, message)];
    }
    if (text !== null || image) return [];
    return [fileProblem(file, "other bytes", "text or an image", "artifacts are text or images, and this is neither")];
  });
}

/**
 * Which of the new blobs of a change, anywhere in the repository, are too large for git, and which one is warned of.
 * [TKT-05]
 */
export function blobProblems(
  blobs: readonly { readonly path: string; readonly size: number }[],
  limits: Limits,
): { readonly problems: readonly TicketProblem[]; readonly warnings: readonly string[] } {
  const over = (kilobytes: number): typeof blobs => blobs.filter(({ size }) => size > kilobytes * 1024);
  const problems = over(limits.blob).map(({ path, size }) => {
    const found = shown(size);
    const message = `this new file has ${found}; the limit is ${limits.blob} KB. Keep it in Git LFS`;
    return fileProblem(path, found, `at most ${limits.blob} KB, or Git LFS`, message);
  });
  const refused = new Set(problems.map(({ file }) => file));
  const large = over(limits.warn).filter(({ path }) => !refused.has(path));
  return { problems, warnings: large.map(({ path, size }) => `${path} is new, and has ${shown(size)}.`) };
}

/** Rounded up, so that what is over a limit never looks as if it were at it. */
function shown(size: number): string {
  return `${Math.ceil(size / 1024)} KB`;
}
