/** Ends a check: silent when all is well, else every problem on its own line and exit code 1. */
export function report(check: string, problems: readonly string[]): void {
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) return;
  console.error(`${check}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
  process.exitCode = 1;
}
