/** A shop whose calls go on until a test ends them, and the owner's connection to look at rows and to set a stage. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { openShop, type Shop } from "./shop.ts";

/** Opens the shop before all tests of a file, empties its ledger before each, and closes it after them. @param give takes both */
export function withLongCalls(give: (shop: Shop, owner: postgres.Sql) => void): void {
  const open: { shop?: Shop; owner?: postgres.Sql } = {};
  beforeAll(async () => {
    open.shop = await openShop();
    open.owner = postgres(open.shop.ownerUrl, { max: 1, onnotice: () => {} });
    give(open.shop, open.owner);
  });
  beforeEach(() => {
    open.shop?.simulator.reset();
    open.shop?.simulator.setFaults({ call_ms: 600_000 });
  });
  afterAll(async () => {
    await open.owner?.end();
    await open.shop?.stop();
  });
}
