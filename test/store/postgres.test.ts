import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { testServer } from "../support/postgres.ts";
import { expectDump } from "../support/schema-dump.ts";
import { retention } from "../support/retention-conformance.ts";
import { signs } from "../support/sign-conformance.ts";
import { standing } from "../support/standing-conformance.ts";
import { conformance, type Subject } from "../support/store-conformance.ts";

const server = testServer();

const subject: Subject = {
  open: async (count) => {
    const at = { place: await server.database(), project: "p" };
    const stores = await Promise.all(Array.from({ length: count }, () => openStore({ ...at, clock: systemClock })));
    onTestFinished(async () => {
      for (const store of stores) await store.close();
    });
    return { stores, address: JSON.stringify(at) };
  },
  age: async ({ address }) => {
    const { place } = JSON.parse(address) as { place: string };
    await server.sql(place, "update berth.schema_version set version = 99");
  },
};

conformance("PostgreSQL", subject);
standing("PostgreSQL", subject);
retention("PostgreSQL", subject);
signs("PostgreSQL", subject);

test("the schema in PostgreSQL is the one of schema/postgres.sql, and lies in a namespace of its own", async () => {
  const url = await server.database();
  await (await openStore({ place: url, project: "p", clock: systemClock })).close();
  const rows = await server.sql(
    url,
    `select format(E'create table berth.%I (\\n  %s\\n)', c.relname, (
         select string_agg(line, E',\\n  ' order by nr) from (
           select a.attnum as nr, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             || case when l.collname <> 'default' then format(' collate %I', l.collname) else '' end
             || case when a.attnotnull then ' not null' else '' end as line
           from pg_attribute a left join pg_collation l on l.oid = a.attcollation
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           union all
           select 1000, lower(pg_get_constraintdef(k.oid)) from pg_constraint k where k.conrelid = c.oid and contype <> 'n'
         ) as parts)) as sql
       from pg_class c where c.relnamespace = 'berth'::regnamespace and c.relkind = 'r'
     union all
     select indexdef from pg_indexes i where schemaname = 'berth'
       and not exists (select 1 from pg_constraint where conname = i.indexname)
     order by 1`,
  );
  expectDump(
    "postgres",
    rows.map(({ sql }) => String(sql)),
  );
  const elsewhere = await server.sql(
    url,
    "select nspname from pg_class c join pg_namespace n on n.oid = relnamespace where c.oid >= 16384 group by 1",
  );
  expect(elsewhere.filter(({ nspname }) => nspname !== "berth" && nspname !== "pg_toast")).toEqual([]);
});
