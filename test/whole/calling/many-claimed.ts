/** A line with more calls in its hands than it can have on their way. */
import postgres from "postgres";
import { line, number, type Shop } from "../shop.ts";

export const callsOf = (shop: Shop, status: string) => shop.calls(`line=${line}&status=${status}&limit=200`);

/** Calls that wait at once. */
export const many = 30;
/** POSTs that one line has on their way. */
export const onTheirWay = 4;

/**
 * A line claims many at once only while Mihu is fast; so it is, and then it is slow. The moment at which calls are claimed, four of
 * them are on their way, and none has an answer. Where this machine was too slow itself, it is tried again.
 *
 * @returns how many phones rang before these
 */
export async function manyClaimed(shop: Shop, from: number): Promise<number> {
  for (let round = 0; round < 6; round++) {
    const base = from + round * 100;
    for (let index = 0; index < 12; index++)
      await shop.send({ name: `#warm-${base}-${index}`, phone: number(base + index) });
    await shop.until(
      () => shop.calls(`line=${line}&status=queued&limit=1`),
      (queued) => queued.length === 0,
    );
    await shop.until(
      () => callsOf(shop, "dialing"),
      (dialing) => dialing.length === 0,
    );
    await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "until all wait" } });
    for (let index = 0; index < many; index++)
      await shop.send({ name: `#many-${base}-${index}`, phone: number(base + 20 + index) });
    await shop.until(
      () => callsOf(shop, "queued"),
      (queued) => queued.length === many,
    );
    const before = shop.simulator.posts().length;
    // The ring comes at once, the answer does not.
    shop.simulator.setFaults({ answer_latency_ms: 6_000 });
    await shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
    await shop.until(
      () => shop.simulator.posts().length,
      (posts) => posts >= before + onTheirWay,
    );
    if ((await callsOf(shop, "dialing")).length >= onTheirWay + 2) return before;
    shop.simulator.setFaults({ answer_latency_ms: 0 });
    await shop.until(
      () => shop.rings().length,
      (rings) => rings >= before + many,
      30_000,
    );
  }
  throw new Error("this machine is too slow to have a line claim more than it dials");
}

/** Every call that goes on has ended. */
export async function endAll(shop: Shop): Promise<void> {
  const owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`update calls set status = 'ended', outcome = 'completed', ended_at = now(), poll_at = null where status = 'placed'`;
  await owner.end();
}
