import { describe, expect, it } from "vitest";
import { awayMs, listedInboxes, unknownAsksMax } from "../../src/objects/listed-inboxes.ts";
import type { NameVerdict } from "../../src/ports/ingest/directory.ts";
import type { AcceptAnswer, Inboxes } from "../../src/ports/ingest/inboxes.ts";
import type { SourceCopy } from "../../src/ports/source-copy.ts";
import { port } from "../flows/ports.ts";
import { sourceCopy } from "../source-copy.ts";

const shop = sourceCopy();

/** An isolate whose list says `verdict` of every name, before inboxes that know `shop`. */
function stage(verdict: NameVerdict) {
  const copies = new Set<string>();
  const world = {
    now: 1_000_000,
    verdict,
    asked: [] as string[],
    answer: { ok: true, acceptances: [] } as AcceptAnswer,
  };
  const inboxes = listedInboxes({
    inboxes: port<Inboxes>({
      async describe(slug) {
        if (!copies.has(slug)) world.asked.push(slug);
        await Promise.resolve();
        if (slug !== "shop") return null;
        copies.add(slug);
        return shop;
      },
      accept: async () => world.answer,
    }),
    hasCopy: (slug) => copies.has(slug),
    verdict: async () => world.verdict,
    now: () => world.now,
    async pause() {
      await Promise.resolve();
      world.now += 0.1;
    },
  });
  return { world, copies, inboxes };
}

const outcome = (answer: Promise<SourceCopy | null>) =>
  answer.then(
    (copy) => (copy === null ? "none" : "found"),
    () => "unknown",
  );

describe("inboxes behind the list of names", () => {
  it("a listed name is asked", async () => {
    const { world, inboxes } = stage("listed");
    expect(await inboxes.describe("shop")).toBe(shop);
    expect(world.asked).toEqual(["shop"]);
  });

  it("a name that is not in the list is none, and its inbox is not touched", async () => {
    const { world, inboxes } = stage("not_listed");
    for (let nth = 0; nth < 100; nth++) expect(await inboxes.describe(`guess-${nth}`)).toBeNull();
    expect(world.asked).toEqual([]);
  });

  it("a source whose copy is here needs no list", async () => {
    const { copies, inboxes } = stage("unknown");
    copies.add("shop");
    for (let nth = 0; nth < 100; nth++) expect(await inboxes.describe("shop")).toBe(shop);
  });

  it("unknown names are asked a few times a second over all names, and none of them is said not to exist", async () => {
    const { world, inboxes } = stage("unknown");
    const ends = await Promise.all(Array.from({ length: 100 }, (_, nth) => outcome(inboxes.describe(`guess-${nth}`))));
    expect(new Set(ends)).toEqual(new Set(["unknown"]));
    expect(world.asked).toHaveLength(unknownAsksMax);
    world.now += 1_000;
    expect(await outcome(inboxes.describe("shop"))).toBe("found");
  });

  it("a hundred webhooks of one unknown source cost one question, and all find it", async () => {
    const { world, inboxes } = stage("unknown");
    const ends = await Promise.all(Array.from({ length: 100 }, () => outcome(inboxes.describe("shop"))));
    expect(new Set(ends)).toEqual(new Set(["found"]));
    expect(world.asked).toEqual(["shop"]);
  });

  it("while an inbox cannot reach Postgres an unlisted name is unknown", async () => {
    const { world, inboxes } = stage("not_listed");
    for (const answer of [
      { ok: true, acceptances: [], spilled: true },
      { ok: false, reason: "away", retryAfterSeconds: 5 },
    ] as AcceptAnswer[]) {
      world.answer = answer;
      await inboxes.accept("shop", [], { ends: new Map() });
      expect(await outcome(inboxes.describe("guess"))).toBe("unknown");
      world.now += awayMs;
      expect(await outcome(inboxes.describe("guess"))).toBe("none");
    }
    await inboxes.accept("shop", [], { ends: new Map() });
    world.answer = { ok: true, acceptances: [] };
    await inboxes.accept("shop", [], { ends: new Map() });
    expect(await outcome(inboxes.describe("guess"))).toBe("none");
  });
});
