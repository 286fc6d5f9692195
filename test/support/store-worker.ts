import { systemClock } from "../../src/clock.ts";
import { follow, lastSeq } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";

/** One process at a store: `store-worker.ts ADDRESS NUMBER JOB [COUNT]`. ADDRESS is what `openStore` takes, as JSON. */
const [address = "", number = "", job = "", count = "0"] = process.argv.slice(2);
const store = await openStore({ ...(JSON.parse(address) as { place: string; project: string }), clock: systemClock });

if (job === "append")
  for (let n = 0; n < Number(count); n++)
    await store.write((tx) => tx.append({ kind: "counted", subject: number, agent: null, data: { n } }));

if (job === "count")
  for (let n = 0; n < Number(count); n++)
    await store.write(async (tx) => {
      const row = await tx.one<{ epoch: number }>(
        "select epoch from epoch where project = $1 and session = 'counter'",
        tx.project,
      );
      await tx.run("update epoch set epoch = $1 where project = $2", (row?.epoch ?? 0) + 1, tx.project);
    });

if (job === "compete") {
  const [end, waits] = [performance.now() + Number(count), [0]];
  while (performance.now() < end) {
    const start = performance.now();
    await store.write((tx) => tx.append({ kind: "counted", subject: number, agent: null, data: {} }));
    waits.push(performance.now() - start);
  }
  console.log(JSON.stringify({ writes: waits.length - 1, longest: Math.max(...waits) }));
}

// Every call of the other side is answered by a write of this one, which stays open.
if (job === "answer") {
  let answered = 0;
  for await (const events of follow(store, 0, new AbortController().signal)) {
    for (const { kind } of events) {
      if (kind !== "call") continue;
      answered += 1;
      await store.write((tx) => tx.append({ kind: "answer", subject: number, agent: null, data: {} }));
    }
    if (answered === Number(count)) break;
  }
}

if (job === "stand") {
  await store.stand(number);
  console.log("stands");
  await new Promise(() => setInterval(() => undefined, 1000));
}

if (job === "open") console.log(await store.read(lastSeq));
// Left open, as by a process that forgets it.
if (job === "leave") await store.listen();
else await store.close();
