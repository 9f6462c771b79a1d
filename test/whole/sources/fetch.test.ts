/** Thin payloads, from a signed webhook over the sender's own API (a stand-in) into the ring ledger. */
import { createHmac, randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startGeneric } from "../../../dev/standins/generic.ts";
import { type HubspotRecords, startHubspot } from "../../../dev/standins/hubspot.ts";
import type { Standin } from "../../../dev/standins/server.ts";
import { startShopify } from "../../../dev/standins/shopify.ts";
import { startZendesk } from "../../../dev/standins/zendesk.ts";
import { runHookline } from "../../command-line.ts";
import { line, number, openShop, put, type Shop } from "../shop.ts";

const secret = "yhl6MQ2zW3qX7v8b-hubspot-client-secret";
const portal = "62515";
let shop: Shop;
let hubspot: Standin & { records: HubspotRecords };
let owner: postgres.Sql;
const others: Standin[] = [];

const rule = {
  mode: "live",
  on: ["ticket.propertyChange"],
  when: 'data.propertyName == "hs_pipeline_stage" && record.ticket.properties.hs_pipeline_stage == "3"',
  fetch: ["ticket", "contact"],
  line,
  number: ["{{ record.contact.properties.mobilephone }}", "{{ record.contact.properties.phone }}"],
  about: "{{ record.contact.properties.firstname }} opened the ticket: {{ record.ticket.properties.subject }}.",
};

function source(deviation: object = {}) {
  return {
    preset: "hubspot",
    tenant: portal,
    secrets: [secret],
    country: "US",
    record: { type: "ticket", id: "{{ data.objectId }}" },
    api: { base_url: hubspot.url, credential: hubspot.credential },
    ...deviation,
  };
}

async function connect(slug: string, deviation: object = {}, ruleDeviation: object = {}): Promise<void> {
  await put(shop, `/v1/sources/${slug}`, source(deviation));
  await put(shop, `/v1/sources/${slug}/rules/call-me`, { ...rule, ...ruleDeviation });
}

beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  hubspot = await startHubspot();
});
afterAll(async () => {
  await shop?.stop();
  await owner?.end();
  for (const standin of [hubspot, ...others]) await standin?.close();
});
beforeEach(() => {
  Object.assign(hubspot, { asked: [], next: [], down: false, latencyMs: 0, most: 0, credential: "pat-na1-standin" });
});

let nth = 5_000;
/** A ticket with its contact, and the number that is to be rung for it. */
function ticket(stage = "3"): { id: number; phone: string } {
  const id = nth++;
  const phone = number(id);
  hubspot.records.tickets.set(String(id), {
    properties: { subject: `Cracked lid ${id}`, hs_pipeline_stage: stage },
    contacts: [String(id)],
  });
  hubspot.records.contacts.set(String(id), { properties: { firstname: "Ada", phone } });
  return { id, phone };
}

/** Sends a batch as HubSpot does. */
async function send(slug: string, ...tickets: { id: number }[]): Promise<{ status: number; events: { id: string }[] }> {
  const at = Date.now();
  const body = JSON.stringify(
    tickets.map(({ id }) => ({
      eventId: Math.floor(Math.random() * 2 ** 31),
      subscriptionId: 1_859_972,
      portalId: Number(portal),
      occurredAt: at,
      subscriptionType: "ticket.propertyChange",
      attemptNumber: 0,
      objectId: id,
      propertyName: "hs_pipeline_stage",
      propertyValue: "3",
    })),
  );
  const url = `${shop.url}/in/${slug}`;
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-hubspot-request-timestamp": String(at),
      "x-hubspot-signature-v3": createHmac("sha256", secret).update(`POST${url}${body}${at}`).digest("base64"),
    },
  });
  const said = (await answer.json()) as { events: { id: string }[] };
  return { status: answer.status, events: said.events ?? [] };
}

const rungOnce = (phone: string, limitMs?: number) =>
  shop.until(
    () => shop.rings(phone).length,
    (count) => count === 1,
    limitMs,
  );
const event = async (id = ""): Promise<Record<string, unknown>> =>
  (await (await shop.api(`/v1/events/${id}`)).json()) as never;
const callOf = async (id = "") => (await owner`select status, reason, detail from calls where event_id = ${id}`)[0];
const problems = async () => {
  const answer = (await (await shop.api("/readyz")).json()) as { problems?: { code: string; rows: string[] }[] };
  return (answer.problems ?? []).map(({ code, rows }) => `${code} ${rows.join()}`);
};

/** The command line against the running service. */
async function command(...args: string[]): Promise<{ code: number; out: string }> {
  const token = await shop.tokenFor(["admin", "calls:read", "pii:read"]);
  const { code, text } = await runHookline(args, { HOOKLINE_URL: shop.url, HOOKLINE_TOKEN: token });
  return { code, out: text };
}

describe("HubSpot, which sends ids only", () => {
  test("a batch of a hundred rings each ticket's contact once, with what was fetched, at most four GETs at once", async () => {
    await connect("hub");
    const tickets = Array.from({ length: 100 }, () => ticket());
    hubspot.latencyMs = 10;
    const sent = await send("hub", ...tickets);
    expect(sent.status).toBe(202);
    for (const { phone } of tickets) await rungOnce(phone, 60_000);
    expect(shop.rings(tickets[0]?.phone)[0]?.about).toContain(
      `«Ada» opened the ticket: «Cracked lid ${tickets[0]?.id}».`,
    );
    expect(hubspot.asked.length).toBe(200);
    expect(hubspot.most).toBeLessThanOrEqual(4);
    const shown = await event(sent.events[0]?.id);
    expect(shown).toMatchObject({ state: "planned", fetch: { tries: 0, next_at: null } });
    expect(shown.fetched).toMatchObject({ contact: { properties: { phone: tickets[0]?.phone } } });
    const masked = await shop.api(`/v1/events/${sent.events[0]?.id}`, {
      headers: { authorization: `Bearer ${await shop.tokenFor(["calls:read"])}` },
    });
    expect(await masked.text()).not.toContain(tickets[0]?.phone);
  });

  test("what the payload decides against is not fetched for, and what the record decides against rings nobody", async () => {
    await connect(
      "hub",
      {},
      { when: 'data.propertyValue == "4" && record.ticket.properties.hs_pipeline_stage == "3"' },
    );
    const cheap = await send("hub", ticket());
    await shop.until(
      () => event(cheap.events[0]?.id),
      ({ state }) => state === "ignored",
    );
    expect(hubspot.asked).toEqual([]);
    await connect("hub");
    const closed = await send("hub", ticket("4"));
    const ended = await shop.until(
      () => event(closed.events[0]?.id),
      ({ state }) => state === "ignored",
    );
    expect(ended.reason).toBe("no_rule_matched");
    expect(hubspot.asked.length).toBe(2);
  });

  test("a limit is honoured: nothing is asked before HubSpot's time has come, and then each is rung once", async () => {
    await connect("hub");
    const tickets = Array.from({ length: 8 }, () => ticket());
    hubspot.next = [{ status: 429, json: { errorType: "RATE_LIMIT" }, headers: { "retry-after": "2" } }];
    await send("hub", ...tickets);
    for (const { phone } of tickets) await rungOnce(phone, 30_000);
    const limited = hubspot.asked.find(({ status }) => status === 429);
    const later = hubspot.asked.filter(({ at }) => limited !== undefined && at > limited.at + 500);
    expect(later.length).toBeGreaterThan(0);
    for (const { at } of later) expect(at - (limited?.at ?? 0)).toBeGreaterThanOrEqual(1_900);
  });

  test("a credential that is refused is told, loses nothing, and is over when it is set anew", async () => {
    hubspot.credential = "pat-na1-another";
    await connect("hub", { api: { base_url: hubspot.url, credential: "pat-na1-wrong" } });
    const mine = ticket();
    const sent = await send("hub", mine);
    await shop.until(problems, (found) => found.includes("credential_refused hub"));
    expect(await event(sent.events[0]?.id)).toMatchObject({ state: "unplanned", fetch: { tries: 0 } });
    const told = (await (await shop.api("/v1/sources/hub")).json()) as { warnings: string[] };
    expect(told.warnings.join()).toContain("rejects the source's credential");
    await put(shop, "/v1/sources/hub", source({ api: { base_url: hubspot.url, credential: "pat-na1-another" } }));
    await rungOnce(mine.phone);
    await shop.until(problems, (found) => !found.includes("credential_refused hub"));
  });

  test("an API that is down for a while is asked again, and each is rung once", async () => {
    await connect("hub");
    const mine = ticket();
    hubspot.down = true;
    const sent = await send("hub", mine);
    await shop.until(
      () => event(sent.events[0]?.id),
      ({ fetch: put }) => (put as { tries: number } | null)?.tries === 1,
    );
    hubspot.down = false;
    await rungOnce(mine.phone, 20_000);
    expect(await callOf(sent.events[0]?.id)).toMatchObject({ reason: null });
  });

  test("an API that fails is a problem of its source until it answers, and a mended address is tried at once", async () => {
    await connect("hub");
    const mine = ticket();
    hubspot.next = Array.from({ length: 50 }, () => ({ status: 502, json: {} }));
    const sent = await send("hub", mine);
    const id = sent.events[0]?.id ?? "";
    await shop.until(problems, (found) => found.includes("fetch_failing hub"));
    const again = await send("hub", mine);
    const behind = again.events[0]?.id ?? "";
    // The rows look like those after a long outage: the next try is half an hour away, and the next event has waited
    // for long.
    await shop.until(
      () => event(id),
      ({ fetch: put }) => (put as { tries: number } | null)?.tries === 1,
    );
    await owner`update events set received_at = now() - interval '21 minutes', fetch_at = now() + interval '30 minutes'
      where id = ${id}`;
    await owner`update events set received_at = now() - interval '20 minutes', fetch_at = now() - interval '20 minutes'
      where id = ${behind} and fetch_at is not null`;
    await shop.worker.scheduled();
    expect(await problems()).not.toContain(`event_unplanned ${behind}`);
    expect(await (await shop.api("/v1/balance")).json()).toMatchObject({ balanced: true, waiting: { fetch: 2 } });
    const ready = (await (await shop.api("/readyz")).json()) as { problems: { code: string }[]; status: string };
    expect(ready.status).toBe("degraded");
    expect(ready.problems.find(({ code }) => code === "fetch_failing")).toMatchObject({
      ...{
        severity: "error",
        count: 2,
        since: expect.any(String),
        sentence: expect.stringContaining("It answered 502"),
      },
      fetching: {
        ...{ tries: expect.any(Number), next_at: expect.any(String), events_waiting: 2 },
        answer: { fetch: "ticket", status: 502, problem: null },
      },
    });
    const shown = (await (await shop.api("/v1/sources/hub")).json()) as { warnings: string[]; fetching: object };
    expect(shown.fetching).toMatchObject({ problem: "fetch_failing", answer: { status: 502 }, events_waiting: 2 });
    expect(shown.warnings.join()).toContain("`hookline fetch-now hub` tries at once");
    const doctor = await command("doctor");
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining("The CRM's API fails")]);

    const still = await command("fetch-now", "hub", "--reason", "is it back?");
    expect([still.code, still.out]).toEqual([
      1,
      expect.stringMatching(/2 events wait for a record, tried now[\s\S]*still failing/),
    ]);

    await owner`update events set fetch_at = now() + interval '30 minutes' where id = ${id}`;
    hubspot.next = [];
    await put(shop, "/v1/sources/hub", source({ country: "CA" }));
    await rungOnce(mine.phone, 10_000);
    await shop.until(problems, (found) => !found.includes("fetch_failing hub"));
    await shop.until(
      () => event(behind),
      ({ state }) => state !== "unplanned",
    );
    expect(await command("fetch-now", "hub")).toMatchObject({ code: 0, out: expect.stringContaining("No event") });
    expect(await command("fetch-now", "no-such-source")).toMatchObject({ code: 1 });
  });

  test("what is missing, and what no try brings, ends as a call with its reason", async () => {
    await connect("hub");
    const gone = await send("hub", { id: 999_999 });
    await shop.until(
      () => callOf(gone.events[0]?.id),
      (call) => call?.reason === "record_missing",
    );
    expect(await callOf(gone.events[0]?.id)).toMatchObject({
      status: "skipped",
      detail: { fetch: "ticket", status: 404, tries: 1 },
    });

    const mine = ticket();
    hubspot.next = Array.from({ length: 20 }, () => ({ status: 500, json: {} }));
    const failing = await send("hub", mine);
    const id = failing.events[0]?.id ?? "";
    for (let tries = 1; tries <= 5; tries++) {
      await shop.until(
        () => event(id),
        ({ fetch: put }) => (put as { tries: number } | null)?.tries === tries,
      );
      // The event's pause is over.
      await owner`update events set fetch_at = now() where id = ${id}`;
      await shop.worker.scheduled();
    }
    await shop.until(
      () => callOf(id),
      (call) => call?.reason === "fetch_failed",
    );
    expect(await callOf(id)).toMatchObject({ status: "skipped", detail: { fetch: "ticket", status: 500, tries: 6 } });
    expect(hubspot.asked.filter(({ path }) => path.includes(`/tickets/${mine.id}`)).length).toBe(6);
    expect(shop.rings(mine.phone)).toEqual([]);
  });

  test("a kill in the middle of it rings each once", async () => {
    await connect("hub");
    const tickets = Array.from({ length: 30 }, () => ticket());
    hubspot.latencyMs = 150;
    await send("hub", ...tickets);
    await shop.until(
      () => hubspot.asked.length,
      (count) => count >= 8,
    );
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    hubspot.latencyMs = 0;
    // The claim's lease is over.
    await owner`update events set fetch_at = now() where state = 'unplanned' and fetch_at > now()`;
    await shop.worker.scheduled();
    for (const { phone } of tickets) await rungOnce(phone, 40_000);
    for (const { phone } of tickets) expect(shop.rings(phone).length).toBe(1);
  });
});

describe("other senders", () => {
  /** One event of the generic preset. */
  async function tell(slug: string, data: object, type: string): Promise<string> {
    const body = JSON.stringify(data);
    const answer = await shop.raw(`/in/${slug}`, {
      body,
      headers: {
        "content-type": "application/json",
        "x-hookline-signature": createHmac("sha256", secret).update(body).digest("hex"),
        "x-event-type": type,
        "idempotency-key": randomUUID(),
      },
    });
    const { events } = (await answer.json()) as { events: { id: string }[] };
    return events[0]?.id ?? "";
  }

  test("any other API is asked by a path of the source's own, and by nothing but plain ids", async () => {
    const crm = await startGeneric(new Map([["/v1/cases/c-1?expand=person", { person: { phone: number(7_001) } }]]));
    others.push(crm);
    await put(shop, "/v1/sources/own", {
      preset: "generic",
      secrets: [secret],
      country: "US",
      fetch: ["case"],
      api: {
        base_url: `${crm.url}/v1`,
        credential: { env: "CRM_TOKEN", value: crm.credential },
        get: { case: "/cases/{{ data.id }}?expand=person" },
      },
    });
    const thin = { mode: "live", line, number: "{{ record.case.person.phone }}", about: "A case." };
    await put(shop, "/v1/sources/own/rules/call-me", thin);
    await tell("own", { id: "c-1" }, "case.opened");
    await rungOnce(number(7_001));
    const hostile = ["../admin", "..%2fadmin", "a/b", "a?b", "@evil.com", "//evil.com", "c-1#", "", "x".repeat(65)];
    for (const id of hostile) {
      const eventId = await tell("own", { id }, "case.opened");
      await shop.until(
        () => callOf(eventId),
        (call) => call?.reason === "fetch_id_invalid",
      );
      expect(await callOf(eventId)).toMatchObject({ detail: { fetch: "case", path: "data.id" } });
    }
    expect(crm.asked.map(({ path }) => path)).toEqual(["/v1/cases/c-1?expand=person"]);
  });

  test("a redirect is not followed, and the credential goes nowhere else", async () => {
    const elsewhere = await startGeneric();
    const crm = await startGeneric();
    others.push(elsewhere, crm);
    crm.next = [{ status: 302, json: {}, headers: { location: `${elsewhere.url}/steal` } }];
    await put(shop, "/v1/sources/moved", {
      preset: "generic",
      secrets: [secret],
      country: "US",
      api: { base_url: crm.url, credential: crm.credential, get: { case: "/cases/{{ data.id }}" } },
    });
    await put(shop, "/v1/sources/moved/rules/call-me", {
      mode: "live",
      line,
      fetch: ["case"],
      number: "+14155550100",
      about: "A case.",
    });
    const eventId = await tell("moved", { id: "c-2" }, "case.opened");
    await shop.until(
      () => event(eventId),
      ({ fetch: put }) => (put as { tries: number } | null)?.tries === 1,
    );
    expect(elsewhere.asked).toEqual([]);
    expect(crm.asked.length).toBe(1);
  });

  test("Zendesk's requester and the order behind a Shopify dispute are rung", async () => {
    const zendesk = await startZendesk();
    const shopify = await startShopify();
    others.push(zendesk, shopify);
    zendesk.records.tickets.set("35436", { subject: "Cracked lid", requester_id: 22 });
    zendesk.records.users.set("22", { name: "Ada", phone: number(7_100) });
    await put(shop, "/v1/sources/zen", {
      preset: "zendesk",
      secrets: [secret],
      country: "US",
      fetch: ["user", "ticket"],
      api: { base_url: zendesk.url, credential: zendesk.credential },
    });
    const thin = { mode: "live", line, number: "{{ record.user.phone }}", about: "{{ record.ticket.subject }}" };
    await put(shop, "/v1/sources/zen/rules/call-me", thin);
    const body = JSON.stringify({ type: "ticket.escalated", ticket_id: "35436" });
    const at = new Date().toISOString();
    await shop.raw("/in/zen", {
      body,
      headers: {
        "content-type": "application/json",
        "x-zendesk-webhook-invocation-id": randomUUID(),
        "x-zendesk-webhook-signature-timestamp": at,
        "x-zendesk-webhook-signature": createHmac("sha256", secret)
          .update(at + body)
          .digest("base64"),
      },
    });
    await rungOnce(number(7_100));
    expect(zendesk.asked.map(({ path }) => path)).toEqual(["/api/v2/tickets/35436.json", "/api/v2/users/22.json"]);

    shopify.records.orders.set("2", { name: "#1001", phone: number(7_200) });
    await put(shop, "/v1/sources/disputes", {
      preset: "shopify",
      tenant: "acme.myshopify.com",
      secrets: [secret],
      country: "US",
      api: { base_url: shopify.url, credential: shopify.credential },
    });
    const disputed = {
      mode: "live",
      line,
      fetch: ["order"],
      number: "{{ record.order.phone }}",
      about: "Order {{ record.order.name }}.",
    };
    await put(shop, "/v1/sources/disputes/rules/call-me", disputed);
    const dispute = JSON.stringify({ id: 1, order_id: 2, initiated_at: new Date().toISOString() });
    await shop.raw("/in/disputes", {
      body: dispute,
      headers: {
        "content-type": "application/json",
        "x-shopify-topic": "disputes/create",
        "x-shopify-shop-domain": "acme.myshopify.com",
        "x-shopify-event-id": randomUUID(),
        "x-shopify-hmac-sha256": createHmac("sha256", secret).update(dispute).digest("base64"),
      },
    });
    await rungOnce(number(7_200));
  });
});
