import { array, assert, constantFrom, property, record, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { pivotOf, printPivot, readPivot, type Remembered } from "../../src/context/aggregate/pivot.ts";
import { oid } from "../../src/git/names.ts";

const names = ["a_1", "a_10", "a_1_1", "ba_1", "b_2", "b_3", "c_1", "c_2", "c_3", "c_4", "c_5", "d_1", "e_1", "f_1"];
const ticket = record({ name: constantFrom(...names), row: constantFrom("", "open\ta_1\t[]", "done\tb_2\t[1]") });
const step = record({ what: constantFrom("get", "all", "matching"), name: constantFrom(...names) });

test("[TKT-08] tickets that were remembered as lines are the same however they are asked for, and what is filled in stays", () => {
  const tickets = uniqueArray(ticket, { selector: ({ name }) => name });
  assert(
    property(tickets, array(step, { maxLength: 20 }), (all, steps) => {
      const object = oid("1".repeat(40));
      const known = new Map(all.map(({ name, row }): [string, Remembered] => [name, { object, row }]));
      const plain = pivotOf(object, known);
      const read = readPivot(printPivot(plain));
      const wants = (_name: string, row: string): boolean => row.startsWith("open");
      for (const { what, name } of steps) {
        if (what === "all") expect([...read.all()]).toEqual([...plain.all()]);
        else if (what === "get") expect(read.get(name)).toEqual(plain.get(name));
        else expect(read.matching(wants, new Set([name]))).toEqual(plain.matching(wants, new Set()));
      }
      for (const one of [read, plain])
        for (const [name] of known) Object.assign(one.get(name) ?? {}, { row: `new ${name}` });
      expect({ tree: read.tree, size: read.size }).toEqual({ tree: plain.tree, size: plain.size });
      expect(printPivot(read)).toBe(printPivot(plain));
    }),
  );
});
