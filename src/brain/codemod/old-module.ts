import { posix } from "node:path";
import { KEPT, NAMES, REMOVED } from "./api.ts";
import { declaredAt, existing, fileOf, type Modules } from "./modules.ts";

/** The module that offered the session state before: where it is, and what leads to it. */
export interface OldModule {
  /** The files that offer it, as they are found; and specifiers that were named. */
  readonly places: readonly string[];
  /** Whether a file is a part of it, and so is left as it is. */
  readonly owns: (path: string) => boolean;
  /** The specifier of the new module: what comes from there is looked at as well, and stays there. */
  readonly to: string;
  /** Whether a file passes some of it on under another name. */
  readonly isRenamed: () => boolean;
  /** Which of its names is meant; `*` is the module as a whole. */
  readonly named: (path: string, specifier: string, name: string) => Meant | undefined;
}

interface Meant {
  readonly name: string;
  readonly through: readonly string[];
}

const TEST = /(?:^|\/)(?:__tests__|__mocks__|tests?)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/**
 * Finds the old module by what it exports: a function that was removed, and two that go with it. What is called the
 * same in other modules is none of it.
 * @param from files and specifiers that are the old module as well
 */
export function findOldModule(modules: Modules, from: readonly string[], to: string): OldModule {
  const outside = new Set(from.filter((one) => existing(modules.paths, one) === undefined));
  const named = from.flatMap((one) => existing(modules.paths, one) ?? []);
  const whole = new Set([...[...modules.shapes.keys()].filter((path) => offersAll(modules, path)), ...named]);
  const origins = originsOf(modules, whole);
  const files = new Set([...origins].flatMap(([key, names]) => (names.some(isFunction) ? [fileIn(key)] : [])));
  const folders = [...files]
    .filter((path) => /(?:^|\/)[^/]*session[^/]*\/index\.\w+$/i.test(path))
    .map((path) => posix.dirname(path));
  const meantAt = (path: string, name: string): Meant | undefined => {
    const found = declaredAt(modules, path, name);
    if (!found) return undefined;
    if (found.name === "*") return whole.has(found.path) ? { name: "*", through: found.through } : undefined;
    const names = origins.get(`${found.path}\0${found.name}`) ?? [];
    const meant = names.includes(name) ? name : names[0];
    return meant === undefined ? undefined : { name: meant, through: found.through };
  };
  return {
    to,
    isRenamed: () =>
      [...modules.shapes].some(([path, { exports }]) =>
        [...exports.keys()].some((name) => (meantAt(path, name)?.name ?? name) !== name),
      ),
    places: [...[...files].toSorted(), ...outside],
    owns: (path) => files.has(path) || (!TEST.test(path) && folders.some((folder) => path.startsWith(`${folder}/`))),
    named: (path, specifier, name) => {
      if (specifier === to || outside.has(specifier))
        return NAMES.includes(name) || name === "*" ? { name, through: [] } : undefined;
      const target = fileOf(modules.paths, path, specifier);
      if (target === undefined) return undefined;
      if (name === "*") return whole.has(target) ? { name, through: [] } : undefined;
      return meantAt(target, name);
    },
  };
}

function offersAll(modules: Modules, path: string): boolean {
  const offers = (name: string): boolean => declaredAt(modules, path, name) !== undefined;
  const together = KEPT.filter((name) => /^(?:init|get|set|cleanup)Session$/.test(name) && offers(name));
  return together.length >= 2 && REMOVED.some(offers);
}

/** Where each name of the old module is declared: `file\0name`, and the names it is offered under. */
type Origins = ReadonlyMap<string, readonly string[]>;

function originsOf(modules: Modules, whole: ReadonlySet<string>): Origins {
  const origins = new Map<string, string[]>();
  for (const path of whole) {
    for (const name of NAMES) {
      const found = declaredAt(modules, path, name);
      if (!found) continue;
      const key = `${found.path}\0${found.name}`;
      origins.set(key, [...(origins.get(key) ?? []), name]);
    }
  }
  return origins;
}

function isFunction(name: string): boolean {
  return [...REMOVED, ...KEPT].some((one) => one === name);
}

function fileIn(key: string): string {
  return key.slice(0, key.indexOf("\0"));
}
