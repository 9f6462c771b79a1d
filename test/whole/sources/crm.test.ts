/** A Salesforce message, a Zendesk ticket and a monday.com board, as their senders send them, through the running Worker into the ring ledger. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CrmFixture, Sending, Sent } from "../../crm/fixture.ts";
import { fixtures } from "../../crm/fixtures/index.ts";
import { line, number, openShop, put, type Shop } from "../shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 } });
});
afterAll(() => shop?.stop());

/** A source of a fixture's preset, set up as its sender's customers do, and its one rule. */
async function connect(scheme: string, rule: object): Promise<{ slug: string; fixture: CrmFixture; sending: Sending }> {
  const fixture = fixtures.find((one) => one.scheme === scheme);
  if (fixture === undefined) throw new Error(`no fixture of ${scheme}`);
  const slug = scheme;
  await put(shop, `/v1/sources/${slug}`, {
    preset: fixture.preset,
    tenant: fixture.tenant,
    country: "US",
    settings: { ...fixture.settings, scheme },
    ...(fixture.secret === null ? {} : { secrets: [fixture.secret] }),
  });
  await put(shop, `/v1/sources/${slug}/rules/call`, { mode: "live", line, about: "What happened.", ...rule });
  return { slug, fixture, sending: { secret: fixture.secret ?? "", at: Date.now(), url: `${shop.url}/in/${slug}` } };
}

/** Over the wire, byte for byte. */
async function deliver({ url, key, headers, body }: Sent) {
  const answer = await fetch(key === undefined ? url : `${url}/${key}`, { method: "POST", headers, body });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

const rung = (index: number) =>
  shop.until(
    () => shop.rings(number(index)),
    (found) => found.length > 0,
  );

describe("Salesforce", () => {
  test("a message of two notifications rings both customers once, is acknowledged as Salesforce wants it, and leaves no session behind", async () => {
    const { slug, fixture, sending } = await connect("salesforce-outbound-message", {
      on: ["Case"],
      when: 'data.sObject.Status == "Escalated"',
      number: "{{ data.sObject.SuppliedPhone }}",
      about: "Case {{ data.sObject.CaseNumber }} was escalated.",
    });
    const sample = fixture.send(sending);
    let nth = 8_000;
    const changedAt = new Date().toISOString();
    const body = sample.body
      .replaceAll("2026-11-02T15:04:05.000Z", changedAt)
      .replaceAll("+1 415 555 0100", () => number(nth++));
    expect(nth).toBe(8_002);
    const first = await deliver({ ...sample, body });
    expect(first).toMatchObject({ status: 200, type: "text/xml; charset=utf-8" });
    expect(first.text).toContain("<Ack>true</Ack>");
    await rung(8_000);
    const [ring] = await rung(8_001);
    expect(ring?.about).toContain("Case 00012345 was escalated.");

    expect(await deliver({ ...sample, body })).toEqual(first);
    const events = JSON.parse(await (await shop.api(`/v1/events?source=${slug}`)).text()).data as { id: string }[];
    expect(events).toHaveLength(2);
    const kept = await Promise.all(events.map(async ({ id }) => await (await shop.api(`/v1/events/${id}`)).text()));
    expect(kept.join()).not.toContain("FakeSession");
    expect([shop.rings(number(8_000)).length, shop.rings(number(8_001)).length]).toEqual([1, 1]);

    const stranger = fixture.send({
      ...sending,
      ...(fixture.otherTenant === undefined ? {} : { tenant: fixture.otherTenant }),
    });
    expect(await deliver(stranger)).toMatchObject({ status: 401 });
  });
});

describe("Zendesk", () => {
  test("a ticket's event rings its requester once, however often it is delivered", async () => {
    const { fixture, sending } = await connect("zendesk-hmac-sha256", {
      on: ["zen:event-type:ticket.status_changed"],
      number: "{{ data.detail.phone }}",
      about: "Ticket {{ data.detail.id }}: {{ data.detail.subject }}.",
    });
    const body = JSON.stringify({
      account_id: 22_129_848,
      detail: { id: "5158", phone: number(8_010), subject: "Order #12345 arrived damaged", status: "OPEN" },
      event: { current: "OPEN", previous: "PENDING" },
      id: randomUUID(),
      subject: "zen:ticket:5158",
      time: new Date().toISOString(),
      type: "zen:event-type:ticket.status_changed",
      zendesk_event_version: "2022-11-06",
    });
    const once = await deliver(fixture.send({ ...sending, body }));
    expect(once.status).toBe(202);
    const again = await deliver(fixture.send({ ...sending, at: Date.now() + 2_000, body }));
    expect(JSON.parse(again.text).events[0]).toMatchObject({ id: JSON.parse(once.text).events[0].id, duplicate: true });
    const [ring] = await rung(8_010);
    expect(ring?.about).toContain("Ticket 5158: «Order #12345 arrived damaged».");
    expect(shop.rings(number(8_010))).toHaveLength(1);
  });
});

describe("monday.com", () => {
  test("a board's challenge is answered before anything is signed, and its event rings once", async () => {
    const { slug, fixture, sending } = await connect("monday-jwt", {
      on: ["update_column_value"],
      number: "{{ data.event.value.phone }}",
      about: "{{ data.event.pulseName }}.",
    });
    for (const { sent, answer } of fixture.handshakes ?? []) {
      expect(await deliver(sent(sending))).toMatchObject({ status: answer.status, text: answer.body });
    }
    expect(fixture.handshakes).not.toHaveLength(0);
    const nothing = JSON.parse(await (await shop.api(`/v1/events?source=${slug}`)).text());
    expect(nothing.data).toEqual([]);

    const sample = JSON.parse(fixture.send(sending).body);
    const body = JSON.stringify({
      event: {
        ...sample.event,
        triggerUuid: randomUUID(),
        triggerTime: new Date().toISOString(),
        value: { phone: number(8_020) },
      },
    });
    expect(await deliver(fixture.send({ ...sending, body }))).toMatchObject({ status: 202 });
    expect(await deliver(fixture.send({ ...sending, body }))).toMatchObject({ status: 202 });
    const [ring] = await rung(8_020);
    expect(ring?.about).toContain("«Order #12345 arrived damaged».");
    expect(shop.rings(number(8_020))).toHaveLength(1);

    const { Authorization: _none, ...headers } = fixture.send({ ...sending, body }).headers;
    expect(await deliver({ ...fixture.send({ ...sending, body }), headers })).toMatchObject({ status: 401 });
  });
});
