/** Follows a sent webhook until its call is placed, or until it is known why there is none. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { DevInfo } from "../../cli/local/dev-file.ts";

const followLimitMs = 10_000;
const followEveryMs = 100;

const wait = z.looseObject({ reason_text: z.string() }).nullish();
const callView = z.looseObject({
  id: z.string(),
  event_id: z.string().nullish(),
  status: z.string(),
  outcome: z.string().nullish(),
  reason: z.string().nullish(),
  reason_text: z.string().nullish(),
  detail: z.record(z.string(), z.unknown()).nullish(),
  waits: wait,
  number: z.string().nullish(),
  greeting: z.string().nullish(),
  about: z.string().nullish(),
  conversation_uuid: z.string().nullish(),
});
const eventView = z.looseObject({
  source: z.string(),
  order_number: z.string().nullish(),
  state: z.string(),
  reason_text: z.string().nullish(),
  waits: wait,
});
const callList = z.object({ data: z.array(callView) });

type Call = z.infer<typeof callView>;
type Event = z.infer<typeof eventView>;

/** Newest calls of a source, searched for the call of an event. */
const callsReadMax = 50;

/** Waits until the call of an event was placed or decided otherwise, and prints it; without a call, the reason for none. */
export async function follow(dev: DevInfo, eventId: string): Promise<void> {
  const giveUp = performance.now() + followLimitMs;
  for (;;) {
    const { event, call } = await found(dev, eventId);
    const underWay =
      call === undefined ? event?.state !== "ignored" : call.status === "queued" || call.status === "dialing";
    if (underWay && performance.now() < giveUp) {
      await sleep(followEveryMs);
      continue;
    }
    if (call === undefined) console.log(`\nno call${noCall(event)}`);
    else show(call);
    if (event !== undefined) console.log(lookUp(dev, event));
    if (dev.simulatorUrl !== null) console.log(`who was rung curl ${dev.simulatorUrl}/__rings`);
    return;
  }
}

/** The event and its newest call. */
async function found(dev: DevInfo, eventId: string): Promise<{ event?: Event; call?: Call }> {
  const headers = { authorization: `Bearer ${dev.token}` };
  const answer = await fetch(`${dev.url}/v1/events/${eventId}`, { headers });
  if (!answer.ok) return {};
  const event = eventView.parse(await answer.json());
  const calls = await fetch(`${dev.url}/v1/calls?source=${event.source}&limit=${callsReadMax}`, { headers });
  const list = calls.ok ? callList.parse(await calls.json()).data : [];
  const call = list.find(({ event_id }) => event_id === eventId);
  return { event, ...(call === undefined ? {} : { call }) };
}

/** Ways to look the order up. Without `order_number` in its source, an event cannot be found by order. */
function lookUp(dev: DevInfo, { order_number: order, source }: Event): string {
  // A look-up takes the number with or without its sign.
  const query = order ? `order_number=${encodeURIComponent(order.replace(/^#/, ""))}` : `source=${source}`;
  const page = order
    ? `${dev.url}/?${query}`
    : "the source has no `order_number`, so support cannot find the call by its order";
  return (
    `\nlook it up   ${page}\n` +
    `             curl -H "Authorization: Bearer $(npm run -s hookline -- token --show)" "${dev.url}/v1/calls?${query}"`
  );
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
    // Names the field of a text that is missing.
    ["detail", call.detail && JSON.stringify(call.detail)],
    ["number", call.number],
    ["greeting", call.greeting],
    ["about", call.about],
    ["conversation", call.conversation_uuid],
  ]) {
    if (value) console.log(`${String(label).padEnd(13)}${value.trimEnd().replaceAll("\n", `\n${" ".repeat(13)}`)}`);
  }
}
