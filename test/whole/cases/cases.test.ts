/** What real senders send, tried on the running product: nobody else is rung, nothing is lost, nothing is spoken wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForOutcomes, openShop, put, type Shop } from "../shop.ts";
import { bodyOf, type Case, type CaseRequest, casesByFile, live, requestsOf } from "./cases.ts";

type CaseCall = {
  status: string;
  reason: string | null;
  number: string | null;
  about: string | null;
  greeting: string | null;
  due_at: string | null;
  conversation_uuid: string | null;
};
type CaseEvent = { id: string; state: string; reason: string | null; occurred_at: string | null };
type CaseRejection = { code: string; detail: string; advice?: string | null };

let shop: Shop;
/** Lines whose outcomes come by webhook. */
const listening = new Set<string>();
beforeAll(async () => {
  // Calls end at once, so that one number can be rung by one case after another.
  shop = await openShop({ mihu: { call_ms: 1 } });
}, 120_000);
afterAll(() => shop?.stop());

const list = async <Row>(path: string): Promise<Row[]> => {
  const answer = await shop.api(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { data: Row[] }).data;
};

/** Writes the case's configuration, with a separate line for each line that the case names. */
async function configure({ secret, lines, source_config: { rules, ...config } }: Case, slug: string): Promise<void> {
  for (const [name, line] of Object.entries(lines)) {
    await put(shop, `/v1/lines/${name}`, line);
    if (listening.has(name)) continue;
    await listenForOutcomes(shop, name);
    listening.add(name);
  }
  const secrets = (config.secrets as unknown[]).length === 0 ? [] : [secret];
  await put(shop, `/v1/sources/${slug}`, { ...config, secrets });
  for (const { name, ...rule } of rules) await put(shop, `/v1/sources/${slug}/rules/${name}`, rule);
}

const send = (request: CaseRequest, slug: string): Promise<Response> => {
  const body = bodyOf(request);
  return fetch(shop.url + request.path.replace("{slug}", slug), {
    method: request.method,
    headers: request.headers ?? {},
    ...(body === undefined ? {} : { body }),
  });
};

/** Waits until everything of the source has come to rest: no event waits for its plan, no call that is due for its dial. */
async function settled(slug: string): Promise<{ events: CaseEvent[]; calls: CaseCall[] }> {
  const isAtRest = ({ status, due_at }: CaseCall) =>
    !(status === "dialing" || (status === "queued" && Date.parse(due_at ?? "") <= Date.now()));
  return await shop.until(
    async () => ({
      events: await list<CaseEvent>(`/v1/events?source=${slug}`),
      calls: await list<CaseCall>(`/v1/calls?source=${slug}`),
    }),
    ({ events, calls }) => events.every(({ state }) => state !== "unplanned") && calls.every(isAtRest),
  );
}

const timeIn = (zone: string, at: string | null): string =>
  new Date(at ?? "").toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });

async function holds(given: Case, slug: string): Promise<void> {
  const one = live(given);
  const { expected } = one;
  await configure(one, slug);
  for (const request of requestsOf(one)) {
    const answer = await send(request, slug);
    const text = await answer.text();
    if (expected.http_status !== undefined) expect([answer.status, text]).toEqual([expected.http_status, text]);
  }
  const { events, calls } = await settled(slug);
  const rungTo = calls.filter(({ conversation_uuid }) => conversation_uuid !== null).map(({ number }) => number);
  if (expected.rings !== undefined) expect([rungTo.sort(), calls]).toEqual([[...expected.rings].sort(), calls]);
  for (const number of expected.never_rings ?? []) expect(rungTo).not.toContain(number);
  if (expected.events !== undefined) expect(events).toHaveLength(expected.events);
  if (expected.occurred_at !== undefined)
    expect(events.map(({ occurred_at }) => occurred_at)).toEqual([expected.occurred_at]);
  if (expected.event_reason !== undefined) expect(events.map(({ reason }) => reason)).toContain(expected.event_reason);
  for (const { about, greeting, status, reason, due_at } of calls) {
    if (expected.about_contains !== undefined) expect(about).toContain(expected.about_contains);
    for (const text of expected.about_lacks ?? []) expect(about).not.toContain(text);
    if (expected.greeting !== undefined) expect(greeting).toBe(expected.greeting);
    if (expected.call_status !== undefined) expect([status, reason]).toEqual([expected.call_status, reason]);
    if (expected.call_status_not !== undefined) expect(status).not.toBe(expected.call_status_not);
    if (expected.reason !== undefined) expect(reason).toBe(expected.reason);
    const hours = expected.rings_only_between;
    if (hours === undefined) continue;
    const due = timeIn(hours.zone, due_at);
    expect([due >= hours.from && due < hours.to, due]).toEqual([true, due]);
  }
  const speaks = [expected.about_contains, expected.greeting, expected.call_status, expected.rings_only_between];
  if (speaks.some((part) => part !== undefined)) expect(calls).not.toEqual([]);
  if (expected.rejection_code === undefined && expected.rejection_contains === undefined) return;
  const [rejection] = await shop.until(
    () => list<CaseRejection>(`/v1/sources/${slug}/rejections`),
    (rejections) => rejections.length > 0,
  );
  if (expected.rejection_code !== undefined) expect(rejection?.code).toBe(expected.rejection_code);
  if (expected.rejection_contains !== undefined)
    expect(JSON.stringify(rejection)).toContain(expected.rejection_contains);
}

describe.each(casesByFile())("%s", (file, cases) => {
  test.each(cases.map((one, index): [string, Case, number] => [one.name, one, index]))(
    "%s",
    (_, one, index) => holds(one, `${file.replace(/\W+json$/u, "")}-${index}`),
    30_000,
  );
});
