/** A shop whose calls last until a test ends them, and a connection of the database's owner to read and change rows. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { openShop, type Shop } from "./shop.ts";

/**
 * Opens the shop before all tests of a file, resets the simulator before each test, and closes the shop after all.
 *
 * @param give called with the shop and the owner's connection
 */
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
