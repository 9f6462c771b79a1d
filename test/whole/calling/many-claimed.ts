/** A line that has claimed more calls than it may have in flight. */
import postgres from "postgres";
import { line, number, type Shop } from "../shop.ts";

export const callsOf = (shop: Shop, status: string) => shop.calls(`line=${line}&status=${status}&limit=200`);

/** Number of waiting calls. */
export const many = 30;
/** POSTs that one line has in flight. */
export const onTheirWay = 4;

/**
 * A line claims many calls at once only while Mihu is fast. So Mihu is fast first, and then slow. Resolves when the
 * calls are claimed, four POSTs are in flight, and no POST has an answer. If this machine was too slow, the attempt is
 * repeated.
 *
 * @returns Number of phones that rang before these calls
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
    // The phone rings at once, but Mihu's answer is late.
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

/** Ends every call in progress. */
export async function endAll(shop: Shop): Promise<void> {
  const owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`update calls set status = 'ended', outcome = 'completed', ended_at = now(), poll_at = null where status = 'placed'`;
  await owner.end();
}
