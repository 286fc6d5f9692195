import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { counted, type Row } from "./row.ts";
import { checkout, manifest, type Stage } from "./stage.ts";

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What one gets with `npm install berth`: by the lockfile, with the sizes of what is installed in the checkout. */
export function installRow(stage: Stage): Row[] {
  const lock = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const places = new Set<string>();
  const add = (from: string, name: string): void => {
    const place = placeOf(lock.packages, from, name);
    if (place === undefined || places.has(place)) return;
    places.add(place);
    const { dependencies, optionalDependencies } = lock.packages[place] ?? {};
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(place, next);
  };
  for (const name of Object.keys(manifest().dependencies ?? {})) add("", name);
  const bytes = [...places].map((place) => sizeOf(join(checkout, place))).reduce((sum, size) => sum + size, 0);
  const megabytes = (bytes + sizeOf(stage.installed)) / 1e6;
  const row = { id: "install" };
  return [
    counted({ ...row, title: "packages, Berth itself among them", unit: "packages", bar: 40 }, places.size + 1),
    counted({ ...row, title: "size of all of them", unit: "MB", bar: 25 }, megabytes),
  ];
}

/** Where a package that another one needs is installed: beside it, or further up. */
function placeOf(packages: Readonly<Record<string, Locked>>, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (place in packages) return place;
    if (at === "") return undefined;
    if (!at.includes("/node_modules/")) at = "";
  }
}

/** Bytes of all files below; what other packages have in it is counted where they are counted. */
function sizeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.isFile() ? stat.size : 0;
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names.map((name) => sizeOf(join(path, name))).reduce((sum, size) => sum + size, 0);
}
