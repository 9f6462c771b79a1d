/** Bodies around the limit of 256 KB, through the running product: none is left out, and none is tried in vain. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";
import { type HookReceiver, isSigned, ofCall, receiver, subscribed } from "./receiver.ts";

const bodyBytesMax = 262_144;

let shop: Shop;
let owner: postgres.Sql;
let to: HookReceiver;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  to = await receiver();
  await listenForOutcomes(shop);
  // No template writes so much: such a row is one of an import, or of another version.
  await owner`create table large (order_number text, about text)`;
  await owner.unsafe(`
    create function enlarge() returns trigger language plpgsql security definer as $$ begin
      new.about := coalesce((select l.about from large l where l.order_number = new.order_number), new.about);
      return new;
    end $$;
    create trigger enlarge before update on calls for each row when (new.status = 'placed') execute function enlarge()`);
});
afterAll(async () => {
  await owner?.end();
  await to?.close();
  await shop?.stop();
});

let orders = 1_000;
/** A call that has this text once Mihu has it. @returns Its events as the receiver heard them */
async function told(about: string) {
  const name = `#${++orders}`;
  await owner`insert into large values (${name}, ${about})`;
  await shop.send({ name, phone: number(orders) });
  const { id } = await shop.call(name, "ended");
  return await shop.until(
    () => ofCall(to, id),
    (found) => found.length === 3,
    25_000,
  );
}

test("A body under or at 256 KB is sent whole, a larger one with shortened texts and a note; each is delivered at once, and so is the call's next event.", async () => {
  const hook = await subscribed(shop, to.url, { payload: "full_with_pii" });
  const size = (text: string) => Buffer.byteLength(text);
  const [, placed] = await told("");
  const room = bodyBytesMax - size(placed?.text ?? "");
  const cases: [name: string, about: string, isWhole: boolean][] = [
    ["just under", "a".repeat(room - 1), true],
    ["at", "a".repeat(room), true],
    ["just over", "a".repeat(room + 1), false],
    ["at, in letters of three bytes", `${"a".repeat(room % 3)}${"あ".repeat(Math.floor(room / 3))}`, true],
    ["over, in letters of three bytes", `${"a".repeat((room % 3) + 1)}${"あ".repeat(Math.floor(room / 3))}`, false],
    ["far over, cut within a letter of two units", "🙂".repeat(300_000), false],
  ];
  for (const [name, about, isWhole] of cases) {
    const events = await told(about);
    expect([name, events.map(({ type }) => type)]).toEqual([name, ["call.queued", "call.placed", "call.ended"]]);
    const [, body] = events;
    const text = String(body?.data.about);
    expect([name, size(body?.text ?? "") <= bodyBytesMax, "note" in (body?.data ?? {})]).toEqual([
      name,
      true,
      !isWhole,
    ]);
    if (isWhole) expect(text === about).toBe(true);
    else expect([text.length <= 4_096, text.endsWith("…"), text.isWellFormed()]).toEqual([true, true, true]);
    expect(events.every((event) => isSigned(event, hook.secret))).toBe(true);
  }
  const stored = await shop.until(
    () => owner`select state, tries from deliveries where hook = ${hook.id}`,
    (rows) => rows.every(({ state }) => state !== "pending"),
  );
  expect(stored).toHaveLength(3 * (cases.length + 1));
  expect(stored.every(({ state, tries }) => state === "delivered" && tries === 1)).toBe(true);
  // Each of them can be looked at.
  const listed = await shop.api(`/v1/hooks/${hook.id}/deliveries?limit=50`);
  expect(listed.status).toBe(200);
  const { data } = (await listed.json()) as { data: { id: string }[] };
  for (const { id } of data) expect((await shop.api(`/v1/deliveries/${id}`)).status).toBe(200);
}, 120_000);
