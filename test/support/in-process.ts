import { PassThrough, Readable } from "node:stream";
import { runProgram } from "../../src/cli/program.ts";
import { cleanEnvironment } from "../cli/run-berth.ts";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one call of the program in this process, so that what it ran is counted. */
export async function inProcess(args: readonly string[], cwd: string, machine: string, input = ""): Promise<Said> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = cleanEnvironment({ BERTH_HOME: machine });
  const stdin = Readable.from(input === "" ? [] : [Buffer.from(input)]);
  const terminal = { env, cwd, stdin, stdout, stderr, now: () => Date.now() };
  const code = await runProgram(args, terminal, new AbortController().signal);
  const text = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? "").toString("utf8");
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
