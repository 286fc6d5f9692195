import type { Progress, Step } from "../progress.ts";
import { isLive, pageFor } from "./style.ts";
import type { Terminal } from "./terminal.ts";
import { fit, plain } from "./text.ts";
import { span } from "./time.ts";

/** Shown on standard error while a verb works, and gone before it answers. */
export interface ProgressDisplay {
  readonly report: Progress;
  /** Removes what is shown, until the next step. */
  readonly clear: () => void;
  /** Removes what is shown; nothing is shown afterwards. */
  readonly end: () => void;
}

const REPAINT_MS = 100;

/**
 * On a terminal one line, repainted, from 300 ms on; elsewhere one line per phase from 2 s on, so that a short verb
 * leaves no trace in a log; nothing with `--quiet`.
 */
export function showProgress(terminal: Terminal, quiet: boolean): ProgressDisplay {
  if (quiet) return { report: () => undefined, clear: () => undefined, end: () => undefined };
  return isLive(terminal.stderr, terminal.env) ? repainted(terminal, 300) : lines(terminal, 2000);
}

function repainted(terminal: Terminal, afterMs: number): ProgressDisplay {
  const start = terminal.now();
  let step: Step | undefined;
  let shown = false;
  const paint = (): void => {
    const elapsed = terminal.now() - start;
    if (step === undefined || elapsed < afterMs) return;
    const page = pageFor(terminal.stderr, terminal.env, terminal.now());
    const took = ` ${span(elapsed)}`;
    const line = fit(describe(step), page.width - took.length - 1);
    terminal.stderr.write(`\r\u001b[2K${page.style("dim", line + took)}`);
    shown = true;
  };
  const timer = setInterval(paint, REPAINT_MS);
  timer.unref();
  const clear = (): void => {
    step = undefined;
    if (shown) terminal.stderr.write("\r\u001b[2K");
    shown = false;
  };
  return {
    report: (next) => {
      step = next;
      if (shown) paint();
    },
    clear,
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function lines(terminal: Terminal, afterMs: number): ProgressDisplay {
  let latest: Step | undefined;
  let printed: string | undefined;
  let due = false;
  const print = (): void => {
    if (latest === undefined || phaseOf(latest) === printed) return;
    printed = phaseOf(latest);
    terminal.stderr.write(`berth: ${describe(latest)}\n`);
  };
  const timer = setTimeout(() => {
    due = true;
    print();
  }, afterMs);
  timer.unref();
  return {
    report: (step) => {
      latest = step;
      if (due) print();
    },
    clear: () => {
      latest = undefined;
    },
    end: () => clearTimeout(timer),
  };
}

function phaseOf(step: Step): string {
  return step.name.split(".")[0] ?? step.name;
}

function describe(step: Step): string {
  const detail = plain(step.detail);
  return detail === "" ? step.name.replace(".", " ") : `${step.name.replace(".", " ")}: ${detail}`;
}
