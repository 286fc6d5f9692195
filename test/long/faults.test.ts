import { faultsEverywhere } from "../support/crash-matrix.ts";

faultsEverywhere(["remote", "local", "single"]);
