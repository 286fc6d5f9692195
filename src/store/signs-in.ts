import type { Store } from "./store.ts";

/** Signs as writes: where writers have one lock, or what is written is taken back. */
export function signsIn({ write }: Pick<Store, "write">): Store["sign"] {
  return (work) => write((tx) => work(tx));
}
