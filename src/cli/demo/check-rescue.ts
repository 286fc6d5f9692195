import { slug } from "./board.ts";
import type { Outcome, Statement } from "./statement.ts";

/** What an agent had written and not committed when it was killed, and where that is now. */
export function rescues({ place: { hub }, news }: Outcome): Statement[] {
  const deaths = news.flatMap(({ agent, session, unsaved }) =>
    session && unsaved ? [{ agent, session, unsaved }] : [],
  );
  return deaths.flatMap(({ agent, session, unsaved: { path, line, head } }): Statement[] => {
    const heir = news.find((item) => item.what === "took over" && item.session === session)?.agent ?? "nobody";
    return [
      {
        says: `${agent} was killed in the middle of an edit of ${slug(session)}, and ${heir} took over, at epoch 2`,
        ask: [
          hub,
          "log",
          "--format=%(trailers:key=Berth-Epoch,valueonly,separator=) %(trailers:key=Berth-Agent,valueonly,separator=)",
          `--grep=\\[${session}\\] Claim session`,
          `--grep=\\[${session}\\] Take session over`,
          "berth/ledger",
        ],
        holds: (lines) => lines.join() === `2 ${heir},1 ${agent}`,
      },
      {
        says: `the last line that ${agent} wrote was in none of its commits`,
        ask: [hub, "log", "--format=%H", "-S", line, head],
        holds: (lines) => lines.length === 0,
      },
      {
        says: "and it is on main, in the commit that git names",
        ask: [hub, "blame", "-l", "-s", "-L", `/^${asPattern(line)}$/,+1`, "main", "--", path],
        holds: ([found = "", ...more]) =>
          more.length === 0 && /^[0-9a-f]{40,} /.test(found) && found.endsWith(`) ${line}`),
        shows: true,
      },
      {
        says: `which is what ${heir} landed`,
        ask: [
          hub,
          "log",
          "--format=%H %(trailers:key=Berth-Session,valueonly,separator=) %(trailers:key=Berth-Agent,valueonly,separator=)",
          "-S",
          line,
          "main",
        ],
        holds: (lines) => lines.length === 1 && (lines[0] ?? "").endsWith(` ${session} ${heir}`),
        shows: true,
      },
    ];
  });
}

/** A line as a pattern that finds it alone. */
function asPattern(line: string): string {
  return line.replaceAll(/[\\/.*[\]^$]/g, "\\$&");
}
