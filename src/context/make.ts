import { dirname, join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { replaceText } from "../disk/text-file.ts";
import { BerthError } from "../errors.ts";
import { run } from "../git/run.ts";
import { type Project, scratchDir } from "../project.ts";
import { requireInside } from "../disk/inside.ts";
import { locateContext } from "./locate.ts";
import { partsOfTicket } from "./ticket-name.ts";
import { startingContext } from "./start.ts";
import { readDocument } from "./document-file.ts";

/**
 * Makes the context of the place one stands in, where there is none.
 * @throws BerthError WRONG_STATE where there is one
 */
export async function contextInit(
  project: Project,
  input: { readonly title: string; readonly ticket?: string | undefined },
): Promise<{ readonly path: string }> {
  const place = await locateContext(project, input);
  const file = join(place.top, place.path);
  await requireInside(place.top, dirname(file));
  const at = project.clock.now();
  const parts = place.ticket === null ? null : partsOfTicket(place.ticket);
  const { stdout } = await run({ ...project.git, dir: place.top }, ["branch", "--show-current"]);
  const text = startingContext(project, {
    id: place.session ?? place.ticket ?? isoSeconds(at).replace("T", "-").replaceAll(":", "").replace("Z", ""),
    at,
    operator: project.caller.user,
    assistant: project.caller.named ? project.caller.name : null,
    title: input.title,
    issue: parts?.issue,
    branch: stdout.toString("utf8").trim() || "HEAD",
    phase: parts?.phase,
  });
  const was = await readDocument(file, place.path);
  if (was.text !== null || !(await replaceText(file, text, was, scratchDir(project))))
    throw new BerthError("WRONG_STATE", `${place.path} is there already.`, { hint: "See it with: berth context show" });
  return { path: place.path };
}
