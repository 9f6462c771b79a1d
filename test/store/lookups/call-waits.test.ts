import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let owner: postgres.Sql;

beforeAll(async () => {
  api = await service();
  owner = postgres(api.ownerUrl, { max: 1, onnotice: () => {} });
  await api.ask("PUT", "/v1/sources/shop", { preset: "generic" });
});
afterAll(async () => {
  await owner.end();
  await api.close();
});

const hourMs = 3_600_000;
const later = new Date(Date.now() + hourMs);
const earlier = new Date(Date.now() + hourMs / 2);
const evening = new Date(Date.now() + 6 * hourMs);

type Entry = { action: string; data: Record<string, unknown> };
type Case = {
  call?: Record<string, unknown>;
  line?: Record<string, unknown>;
  body?: Record<string, unknown>;
  entry?: Entry;
  /** Another call to the same number, or of the same line. */
  other?: Record<string, unknown>;
};

let numbers = 0;
const nextNumber = () => `+1415555${String(1_000 + numbers++)}`;

async function addCall(line: string, row: Record<string, unknown>, body: Record<string, unknown>): Promise<string> {
  const event = randomUUID();
  const source = String(row.source ?? "shop");
  await owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
    values (${event}, ${source}, ${event}, 'orders/updated', '{}', ${JSON.stringify(body)}, 'h', 'planned', now())`;
  const whole: Record<string, unknown> = {
    ...{ event_id: event, source, rule: "call-me", rule_version: 1, mode: "live", line, status: "queued", about: "x" },
    ...{ number: nextNumber(), due_at: new Date(), ...row },
  };
  const [made] = await owner`insert into calls ${owner(whole)} returning id`;
  return made?.id;
}

/** The reason for which a queued call of a line of its own waits. */
async function waitOf({ call = {}, line: settings = {}, body = {}, entry, other }: Case): Promise<string> {
  const line = `line-${numbers}`;
  await api.ask("PUT", `/v1/lines/${line}`, { agent: "a" });
  if (Object.keys(settings).length > 0) await owner`update lines set ${owner(settings)} where slug = ${line}`;
  const number = nextNumber();
  const isTry = Number(call.try ?? 1) > 1;
  const before = isTry ? await addCall(line, { ...ended, number: nextNumber() }, body) : null;
  const id = await addCall(line, { number, ...(isTry ? { again_of: before } : {}), ...call }, body);
  if (entry !== undefined)
    await owner`insert into entries (subject, subject_id, action, actor, data)
      values ('call', ${id}, ${entry.action}, 'mihu', ${JSON.stringify(entry.data)}::text::jsonb)`;
  if (other !== undefined) {
    const { number: own = number, ...row } = other;
    await addCall(line, { ...row, number: own }, body);
  }
  const { waits } = (await api.ask("GET", `/v1/calls/${id}`)).json;
  expect(waits.reason_text).not.toMatch(/, or /);
  return waits.reason;
}

const hours = { closes_at: evening };
const ended = { status: "ended", outcome: "busy", ended_at: new Date(), placed_at: new Date(), mihu_id: "m-1" };
const placed = { status: "placed", placed_at: new Date(Date.now() - 1_000), conversation_uuid: "c-1" };
const dialing = {
  ...{ status: "dialing", claimed_at: new Date(), claim_seq: 1, lease_until: later, slot_until: later },
};

it.each<[string, string, Case]>([
  ["a rule's call outside of the hours", "outside_hours", { call: { due_at: later, ...hours } }],
  [
    "a call whose hours ended while it waited",
    "outside_hours",
    { call: { due_at: later, ...hours }, entry: { action: "postponed", data: { due_at: later } } },
  ],
  [
    "a further try at the rule's time",
    "next_try",
    {
      call: { due_at: later, try: 2, ...hours },
      entry: { action: "queued", data: { asked_at: later, due_at: later } },
    },
  ],
  [
    "a further try that the hours moved",
    "outside_hours",
    {
      call: { due_at: later, try: 2, ...hours },
      entry: { action: "queued", data: { asked_at: earlier, due_at: later } },
    },
  ],
  ["a further try on a line that is always open", "next_try", { call: { due_at: later, try: 2 } }],
  ["a further try of an older version", "not_due", { call: { due_at: later, try: 2, ...hours } }],
  [
    "a person's try outside of the hours",
    "outside_hours",
    { call: { due_at: later, try: 2, again_reason: "asked for", ...hours } },
  ],
  [
    "a direct call that was asked for later",
    "asked_later",
    { call: { due_at: later, source: "api", ...hours }, body: { due_at: later.getTime() } },
  ],
  [
    "a direct call that was asked for while the line is closed",
    "outside_hours",
    { call: { due_at: later, source: "api", ...hours }, body: { due_at: earlier.getTime() } },
  ],
  ["a direct call for now outside of the hours", "outside_hours", { call: { due_at: later, source: "api", ...hours } }],
  [
    "a direct call that Mihu refused for now",
    "rate_limited",
    { call: { due_at: later, claimed_at: new Date(), claim_seq: 1, reason: "rate_limited" } },
  ],
  ["a call without a record of the reason", "not_due", { call: { due_at: later } }],
  ["a call whose number is called already", "number_busy", { other: placed }],
  ["a call whose number is dialled already", "number_busy", { other: dialing }],
  [
    "a call of a line that has placed its calls of this minute",
    "calls_per_minute",
    { line: { calls_per_minute: 1, calls_at_once: 5 }, other: { ...dialing, number: "+14155559999" } },
  ],
  [
    "a call of a line with all of its calls at once",
    "calls_at_once",
    { line: { calls_per_minute: 5, calls_at_once: 1 }, other: { ...placed, number: "+14155559998" } },
  ],
  ["a call that nothing keeps", "in_turn", {}],
])("%s waits for one named reason: %s", async (_, reason, given) => {
  expect(await waitOf(given)).toBe(reason);
});
