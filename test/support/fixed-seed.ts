import * as fc from "fast-check";

// Random inputs are the same in every run, so that a change is judged by what it changed and by nothing else.
// BERTH_SEED names others; the full long tests draw a new seed each time, which a failure prints.
const { seed: _, ...others } = fc.readConfigureGlobal();
fc.configureGlobal({ ...others, seed: Number(process.env["BERTH_SEED"] ?? 1) });
