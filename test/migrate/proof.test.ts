import { expect, test } from "vitest";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import type { Berth } from "../../src/open.ts";
import { withCheckout } from "../../src/migrate/checkout.ts";
import { applyPlan } from "../../src/migrate/migrate.ts";
import { planMigration } from "../../src/migrate/plan.ts";
import type { Edit, MigrationPlan } from "../../src/migrate/shape.ts";
import { readWorld } from "../../src/migrate/world.ts";
import { LEGACY, NAMED } from "../support/legacy.ts";
import { commit, refusal, team } from "../support/session.ts";

/** Plans a migration, changes the plan as a wrong converter would, and tries to do it. */
async function tampered(berth: Berth, change: (plan: MigrationPlan) => MigrationPlan): Promise<unknown> {
  const { project } = berth;
  return withCheckout(project, async (checkout) => {
    const world = await readWorld(project, checkout, { to: "tickets", from: [] });
    const plan = planMigration(world, {
      to: "tickets",
      only: [],
      places: project.config.context,
      nextPhase: (phase) => vocabularyOf(project.config).phases.get(phase)?.next ?? null,
      here: null,
      named: false,
    });
    return applyPlan(project, checkout, change(plan), plan.run ?? "");
  });
}

/** The same text in the targets and in what is written, changed at one path. */
function changed(plan: MigrationPlan, path: string, change: (text: string) => string): MigrationPlan {
  const of = <E extends Edit>(edit: E): E =>
    edit.path === path && edit.content && "text" in edit.content
      ? { ...edit, content: { text: change(edit.content.text) } }
      : edit;
  const units = plan.units.map((unit) => ({ ...unit, targets: unit.targets.map(of) }));
  return { ...plan, units, edits: plan.edits.map(of) };
}

const DOCS = "tickets/enablement_docs/ACTIVE_SESSION.md";

test("[TKT-10] [INV-3] a converter that drops a line or changes a value is found out, and no branch has its commit", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.git(home, "add", "--all");
  const start = commit(box, home, "Legacy", { ...LEGACY, ...NAMED });
  const wrong: readonly (readonly [(plan: MigrationPlan) => MigrationPlan, string])[] = [
    [
      (plan) => changed(plan, DOCS, (text) => text.replace("Half of the readers are done.\n", "")),
      "Half of the readers",
    ],
    [(plan) => changed(plan, DOCS, (text) => text.replace("- [ ] Wait", "- [x] Wait")), "- [ ] Wait"],
    [
      (plan) =>
        changed(plan, "tickets/enablement_142/ACTIVE_SESSION.md", (text) => text.replace("operator: ada\n", "")),
      "operator: ada",
    ],
    [
      (plan) =>
        changed(plan, "tickets/training_301/ACTIVE_SESSION.md", (text) =>
          text.replace("mode: build", "phase: build").replace("phase: training", "mode: training"),
        ),
      "mode: build",
    ],
    [
      (plan) => changed(plan, "tickets/training_301/ACTIVE_SESSION.md", (text) => text.replace("team:", "crew:")),
      "team",
    ],
    [(plan) => changed(plan, DOCS, () => "---\nbroken: [\n---\n"), `${DOCS}:3:1`],
    [(plan) => ({ ...plan, edits: plan.edits.filter(({ path }) => !path.includes("_legacy/")) }), "nothing keeps"],
    [(plan) => ({ ...plan, archives: new Map() }), "nothing keeps"],
    [
      (plan) => ({ ...plan, edits: [...plan.edits, { path: "src/a.txt", mode: "100644", content: null }] }),
      "no source or target explains",
    ],
  ];
  for (const [change, said] of wrong) {
    const error = await refusal(tampered(berth, change), "WOULD_LOSE_WORK");
    expect(JSON.stringify(error.facts)).toContain(said);
    expect(box.git(home, "rev-parse", "HEAD")).toBe(start);
    expect(box.git(home, "status", "--porcelain")).toBe("");
  }
  await tampered(berth, (plan) => plan);
  expect(box.git(home, "rev-list", "--count", `${start}..HEAD`)).toBe("1");
});
