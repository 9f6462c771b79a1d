/** Follows a webhook that was sent until its call is placed, or until it is known why there is none. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { DevInfo } from "../../cli/local/dev-file.ts";

const followLimitMs = 4_000;
const followEveryMs = 100;

const wait = z.looseObject({ reason_text: z.string() }).nullish();
const callView = z.looseObject({
  id: z.string(),
  event_id: z.string().nullish(),
  status: z.string(),
  outcome: z.string().nullish(),
  reason: z.string().nullish(),
  reason_text: z.string().nullish(),
  waits: wait,
  number: z.string().nullish(),
  greeting: z.string().nullish(),
  about: z.string().nullish(),
  conversation_uuid: z.string().nullish(),
});
const eventView = z.looseObject({
  id: z.string(),
  state: z.string(),
  reason_text: z.string().nullish(),
  waits: wait,
});
const orderView = z.object({
  sources: z.array(z.object({ events: z.array(eventView), calls: z.array(callView) })),
});

type Call = z.infer<typeof callView>;
type Event = z.infer<typeof eventView>;

/** Waits until the call of an event was placed or decided otherwise, and prints it; without a call, the reason for none. */
export async function follow(dev: DevInfo, order: string, eventId: string): Promise<void> {
  const query = `order_number=${encodeURIComponent(order)}`;
  const giveUp = performance.now() + followLimitMs;
  for (;;) {
    const { event, call } = await found(dev, query, eventId);
    const underWay =
      call === undefined ? event?.state !== "ignored" : call.status === "queued" || call.status === "dialing";
    if (underWay && performance.now() < giveUp) {
      await sleep(followEveryMs);
      continue;
    }
    if (call === undefined) console.log(`\nno call${noCall(event)}`);
    else show(call);
    console.log(`\nlook it up   ${dev.url}/?${query}`);
    console.log(
      `             curl -H "Authorization: Bearer $(npm run -s hookline -- token --show)" "${dev.url}/v1/calls?${query}"`,
    );
    if (dev.simulatorUrl !== null) console.log(`who was rung curl ${dev.simulatorUrl}/__rings`);
    return;
  }
}

/** The event and its newest call. An event of a source without `order_number` is not found by its order. */
async function found(dev: DevInfo, query: string, eventId: string): Promise<{ event?: Event; call?: Call }> {
  const headers = { authorization: `Bearer ${dev.token}` };
  const order = await fetch(`${dev.url}/v1/orders?${query}`, { headers });
  const sources = order.ok ? orderView.parse(await order.json()).sources : [];
  const event = sources.flatMap(({ events }) => events).find(({ id }) => id === eventId);
  const call = sources.flatMap(({ calls }) => calls).find(({ event_id }) => event_id === eventId);
  if (event !== undefined) return { event, ...(call === undefined ? {} : { call }) };
  const alone = await fetch(`${dev.url}/v1/events/${eventId}`, { headers });
  return alone.ok ? { event: eventView.parse(await alone.json()) } : {};
}

function noCall(event: Event | undefined): string {
  const why = event?.reason_text ?? event?.waits?.reason_text;
  return why === undefined || why === null ? " of this event yet" : `: ${why}`;
}

function show(call: Call): void {
  const status = [call.status, call.outcome, call.reason].filter(Boolean).join(", ");
  console.log(`\ncall         ${call.id}  ${status}`);
  for (const [label, value] of [
    ["why", call.reason_text ?? call.waits?.reason_text],
    ["number", call.number],
    ["greeting", call.greeting],
    ["about", call.about],
    ["conversation", call.conversation_uuid],
  ]) {
    if (value) console.log(`${String(label).padEnd(13)}${value.trimEnd().replaceAll("\n", `\n${" ".repeat(13)}`)}`);
  }
}
