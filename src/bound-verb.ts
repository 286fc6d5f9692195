import type { Project } from "./project.ts";

/** A verb without its project: what the handle offers. */
export type Bound<F> = F extends (project: Project, ...inputs: infer Inputs) => infer Output
  ? (...inputs: Inputs) => Output
  : never;

/** A verb as its file has it. */
export type Unbound<F> = F extends (...inputs: infer Inputs) => infer Output
  ? (project: Project, ...inputs: Inputs) => Output
  : never;

/** Where each verb is, loaded when it is first called. */
export type Files<Verbs> = { readonly [Name in keyof Verbs]: () => Promise<Unbound<Verbs[Name]>> };
