import { describe, expect, it } from "vitest";
import { senderPauseMs, spentBudget } from "../../../src/crm/fetching/rate-limits.ts";
import { fetchGate, recentAnswers } from "../../../src/crm/fetching/recent-answers.ts";
import { records } from "../../../src/crm/fetching/records.ts";
import { presets } from "../../../src/crm/presets/index.ts";
import type { FetchAnswer } from "../../../src/domain/fetch/fetch.ts";
import { buildContext } from "../../../src/domain/rules/context.ts";
import { compileText, renderText } from "../../../src/domain/rules/text/text.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";

const found = (value: object): FetchAnswer => ({ kind: "found", value: { ...value } });

function pathOf(preset: string, name: string, type: string, data: object, record: object | null = null): string | null {
  const get = presets.get(preset)?.api?.gets[name];
  const made = compileText(get?.path ?? "", "path");
  if (!made.ok) throw new Error(made.mistake.reason);
  const rendered = renderText(made.text, buildContext({ id: "1", type, occurredAt: null, source: "s" }, data, record));
  return rendered.ok ? (rendered.value.split("?")[0] ?? "") : null;
}

const ticket = { associations: { contacts: { results: [{ id: "51" }, { id: "52" }] } } };

describe("what a preset asks for", () => {
  it.each(
    [...presets.values()].flatMap(({ name, api }) =>
      Object.entries(api?.gets ?? {}).map(([thing, { path }]) => [name, thing, path]),
    ),
  )("%s's %s is a path that can be read", (_, __, path) => {
    expect(compileText(path ?? "", "path")).toMatchObject({ ok: true });
    expect(path).toMatch(/^\/[a-z]/);
  });

  it.each<[string, string, string, object, object | null, string | null]>([
    ["hubspot", "ticket", "ticket.propertyChange", { objectId: 7 }, null, "/crm/v3/objects/tickets/7"],
    [
      "hubspot",
      "ticket",
      "object.propertyChange",
      { objectId: 7, objectTypeId: "0-5" },
      null,
      "/crm/v3/objects/tickets/7",
    ],
    ["hubspot", "ticket", "TICKET", { objectId: 7 }, null, "/crm/v3/objects/tickets/7"],
    ["hubspot", "ticket", "contact.creation", { objectId: 7 }, null, null],
    ["hubspot", "ticket", "ticket.associationChange", { fromObjectId: 7 }, null, null],
    ["hubspot", "contact", "ticket.propertyChange", { objectId: 7 }, { ticket }, "/crm/v3/objects/contacts/51"],
    ["hubspot", "contact", "ticket.propertyChange", { objectId: 7 }, { ticket: { properties: {} } }, null],
    ["hubspot", "contact", "ticket.propertyChange", { objectId: 7 }, null, null],
    ["hubspot", "contact", "contact.creation", { objectId: 8 }, null, "/crm/v3/objects/contacts/8"],
    ["hubspot", "contact", "deal.creation", { objectId: 8 }, { deal: ticket }, "/crm/v3/objects/contacts/51"],
    ["hubspot", "deal", "deal.propertyChange", { objectId: 9 }, null, "/crm/v3/objects/deals/9"],
    [
      "zendesk",
      "ticket",
      "zen:event-type:ticket.status_changed",
      { detail: { id: "35436" } },
      null,
      "/api/v2/tickets/35436.json",
    ],
    ["zendesk", "ticket", "ticket.escalated", { ticket_id: "35436" }, null, "/api/v2/tickets/35436.json"],
    ["zendesk", "ticket", "zen:event-type:user.created", { detail: { id: "9" } }, null, null],
    ["zendesk", "ticket", "trigger", { ticket_id: "../users/1" }, null, null],
    ["zendesk", "user", "trigger", { ticket_id: "1" }, { ticket: { requester_id: 22 } }, "/api/v2/users/22.json"],
    ["zendesk", "user", "trigger", { ticket_id: "1" }, null, null],
    ["shopify", "order", "orders/updated", { id: 450789469 }, null, "/admin/api/2026-04/orders/450789469.json"],
    ["shopify", "order", "disputes/create", { id: 1, order_id: 2 }, null, "/admin/api/2026-04/orders/2.json"],
    ["shopify", "order", "draft_orders/create", { id: 1 }, null, null],
    [
      "shopify",
      "fulfillment_order",
      "fulfillment_holds/added",
      { fulfillment_order: { id: "gid://shopify/FulfillmentOrder/77" } },
      null,
      "/admin/api/2026-04/fulfillment_orders/77.json",
    ],
    [
      "shopify",
      "order",
      "fulfillment_holds/added",
      {},
      { fulfillment_order: { order_id: 5 } },
      "/admin/api/2026-04/orders/5.json",
    ],
    [
      "shopify",
      "customer",
      "orders/updated",
      { id: 1 },
      { order: { customer: { id: 3 } } },
      "/admin/api/2026-04/customers/3.json",
    ],
    ["shopify", "customer", "customers/update", { id: 4 }, null, "/admin/api/2026-04/customers/4.json"],
    ["shopify", "customer", "orders/updated", { id: 1 }, null, null],
  ])("of %s, a %s for %s %j, is right or nothing", (preset, name, type, data, record, path) => {
    expect(pathOf(preset, name, type, data, record)).toBe(path);
  });

  it.each([
    "",
    "a/b",
    "..",
    "1?x=2",
    "1#",
    "a b",
    "1%2f",
    "ä",
    "a".repeat(65),
    "1\u200b2",
    "a.b",
    "1@x",
    {},
    [],
    null,
    true && 1.5,
  ])("%j is no id", (id) => {
    expect(pathOf("shopify", "order", "disputes/create", { order_id: id })).toBeNull();
  });
});

describe("a source's API", () => {
  const copy: SourceCopy = {
    ...{ slug: "s", version: 1, shards: 1, preset: "generic", tenant: null, country: null, zone: null, settings: {} },
    ...{ orderNumber: null, recordType: null, recordId: null, secrets: [], rules: [] },
    api: {
      base_url: "https://crm.acme.com",
      get: { case: "/cases/{{ data.id }}", owner: "/owners/{{ record.case.owner }}" },
    },
    credential: { id: "1", sealed: "sealed", baseUrl: "https://crm.acme.com" },
  };
  const clock = { now: () => 0 };
  const open = (source: SourceCopy, opens = true) =>
    records({
      sealer: { open: async () => (opens ? { ok: true, text: "token" } : { ok: false, reason: "unreadable" }) },
      clock,
      local: false,
      gate: fetchGate(clock, async () => {}),
    }).open(source);

  it.each<[string, Partial<SourceCopy>, boolean, string]>([
    ["without a credential", { credential: null }, true, "credential_missing"],
    ["of an older version", { credential: undefined as never }, true, "credential_missing"],
    [
      "whose credential was given for another address",
      { api: { base_url: "https://crm.evil.com" } },
      true,
      "credential_missing",
    ],
    ["whose address is nobody's to ask", { api: { base_url: "https://127.0.0.1" } }, true, "credential_missing"],
    ["without an address", { api: null }, true, "credential_missing"],
    ["whose credential no key opens", {}, false, "credential_unreadable"],
  ])("%s is not asked", async (_, deviation, opens, problem) => {
    expect(await open({ ...copy, ...deviation }, opens)).toEqual({ ok: false, problem });
  });

  it("is asked for a thing after what its path is made of", async () => {
    const opened = await open(copy);
    expect(opened.ok && opened.api.inOrder(["owner", "case"])).toEqual(["case", "owner"]);
    expect(opened.ok && opened.api.inOrder(["owner"])).toEqual(["owner"]);
    const nothing = buildContext({ id: "1", type: "t", occurredAt: null, source: "s" }, {}, null);
    expect(opened.ok && (await opened.api.get("nothing", nothing, 0))).toEqual({ kind: "unknown" });
    expect(opened.ok && (await opened.api.get("case", nothing, 0))).toEqual({ kind: "id_invalid", path: "data.id" });
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-03-02T18:00:00Z");
  it.each([
    ["7", 7_000],
    ["1.5", 1_500],
    [" 10 ", 10_000],
    ["Mon, 02 Mar 2026 18:01:00 GMT", 60_000],
    ["Mon, 02 Mar 2026 17:00:00 GMT", 0],
    ["Monday, 02-Mar-26 18:01:00 GMT", 60_000],
    ["soon", null],
    ["-5", null],
    ["2026-03-02", null],
    ["99999999999", null],
    ["", null],
    [null, null],
  ])("%j is %s ms", (value, ms) => {
    expect(senderPauseMs(value, now)).toBe(ms);
  });

  it.each([
    [{ "x-shopify-shop-api-call-limit": "40/40" }, true],
    [{ "x-shopify-shop-api-call-limit": "39/40" }, false],
    [{ "x-shopify-shop-api-call-limit": "x" }, false],
    [{ "x-hubspot-ratelimit-remaining": "0" }, true],
    [{ "x-hubspot-ratelimit-remaining": "12" }, false],
    [{}, false],
  ])("a budget of %j is spent: %s", (headers, spent) => {
    expect(spentBudget(new Headers(headers as Record<string, string>))).toBe(spent);
  });
});

describe("a recent answer", () => {
  const begin = () => {
    const clock = { at: 1_000_000, now: () => clock.at };
    let asked = 0;
    const recent = recentAnswers(clock);
    const get = (key: string, sinceMs: number, answer: FetchAnswer = found({ nth: 0 })) =>
      recent(key, sinceMs, async () => {
        asked++;
        return answer;
      });
    return { clock, get, asked: () => asked };
  };

  it("serves events that came before it was asked for", async () => {
    const { clock, get, asked } = begin();
    await Promise.all([get("a", clock.at), get("a", clock.at)]);
    clock.at += 30_000;
    await get("a", clock.at - 40_000);
    expect(asked()).toBe(1);
  });

  it("does not serve an event that came after it: the record may have changed with it", async () => {
    const { clock, get, asked } = begin();
    await get("a", clock.at);
    clock.at += 1;
    await get("a", clock.at);
    expect(asked()).toBe(2);
  });

  it("is forgotten after a minute, where it was a refusal, and where there are too many", async () => {
    const { clock, get, asked } = begin();
    await get("a", 0);
    clock.at += 60_000;
    await get("a", 0);
    expect(asked()).toBe(2);
    await get("b", 0, { kind: "status", status: 429, retryAfterMs: null });
    await get("b", 0);
    expect(asked()).toBe(4);
    for (let index = 0; index < 600; index++) await get(`many-${index}`, 0);
    await get("many-0", 0);
    expect(asked()).toBe(605);
    await get("many-599", 0);
    expect(asked()).toBe(605);
  });

  it("takes no more room than an object has", async () => {
    const { get, asked } = begin();
    const large = found({ text: "x".repeat(2_000_000) });
    for (let index = 0; index < 10; index++) await get(`large-${index}`, 0, large);
    await get("large-9", 0);
    expect(asked()).toBe(10);
    await get("large-0", 0);
    expect(asked()).toBe(11);
  });
});

describe("a gate", () => {
  it("lets no more than four through at once, in their order, and rests where it is told to", async () => {
    const clock = { at: 0, now: () => clock.at };
    const paused: number[] = [];
    const enter = fetchGate(clock, async (ms) => void paused.push(ms));
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const open: (() => void)[] = [];
    const tasks = Array.from({ length: 10 }, (_, index) =>
      enter(async () => {
        order.push(index);
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => open.push(resolve));
        running--;
      }),
    );
    while (order.length < 10 || open.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      open.shift()?.();
    }
    await Promise.all(tasks);
    expect([most, order, paused]).toEqual([4, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], []]);
    enter.rest();
    await enter(async () => {});
    expect(paused).toEqual([1_000]);
  });
});
