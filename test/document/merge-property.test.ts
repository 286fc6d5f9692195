import * as fc from "fast-check";
import { test } from "vitest";
import { checkMerge } from "../support/merge-property.ts";
import { triples } from "../support/merge-triples.ts";

test("[XCS-08] [XCS-09] [XCS-10] every change of both sides is in the merge, in a conflict or reported as overwritten", () => {
  fc.assert(fc.property(triples, checkMerge), { numRuns: 500 });
});
