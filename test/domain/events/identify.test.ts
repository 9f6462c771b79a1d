import { describe, expect, it } from "vitest";
import { compileIdentification, identify } from "../../../src/domain/events/identify.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";

const incoming: IncomingEvent = {
  externalId: "evt-1",
  dedupeKey: "evt-1",
  type: "orders/updated",
  occurredAt: null,
  data: { id: 987, name: " #Ab-12345 ", note: "x".repeat(300), list: [1] },
  body: "{}",
  bodyHash: "0",
};
const templates = { orderNumber: "{{ data.name }}", recordType: "order", recordId: "{{ data.id }}" };

const found = (
  deviation: Partial<Record<keyof typeof templates, string | null>> = {},
  event: Partial<IncomingEvent> = {},
) => identify(compileIdentification({ ...templates, ...deviation }), "shop", { ...incoming, ...event });

const record = { type: "order", id: "987" };

describe("what an event is about", () => {
  it("is its order number, shown raw and looked up normalised, and its record", () => {
    expect(found()).toEqual({ orderNumber: "#Ab-12345", orderNumberKey: "ab-12345", record });
  });

  it("may be told by the event's own type and id", () => {
    const both = found({ recordType: "{{ event.type }}", recordId: "{{ event.id }}" });
    expect(both.record).toEqual({ type: "orders/updated", id: "evt-1" });
    const unnamed = found({ recordId: "{{ event.id }}" }, { externalId: null, dedupeKey: "body-hash" });
    expect(unnamed.record?.id).toBe("body-hash");
  });

  it.each<[string, string | null]>([
    ["there is no template", null],
    ["its template cannot be compiled", "{{ data.name"],
    ["its field is missing", "{{ data.order.name }}"],
    ["its field is a list", "{{ data.list }}"],
    ["its field is a whole text", "{{ data.note }}"],
  ])("has no order number when %s, and is found by its record all the same", (_, orderNumber) => {
    expect(found({ orderNumber })).toEqual({ orderNumber: null, orderNumberKey: null, record });
  });

  it.each<[string, Partial<Record<keyof typeof templates, string | null>>]>([
    ["no id", { recordId: null }],
    ["no type", { recordType: null }],
    ["an id that is missing", { recordId: "{{ data.nothing }}" }],
    ["a template that cannot be compiled", { recordId: "{% bad %}" }],
  ])("has no record when there is %s", (_, deviation) => {
    expect(found(deviation)).toEqual({ orderNumber: "#Ab-12345", orderNumberKey: "ab-12345", record: null });
  });

  it("a number of signs only has nothing to be looked up by", () => {
    expect(found({}, { data: { id: 987, name: "#" } })).toMatchObject({ orderNumber: "#", orderNumberKey: null });
  });

  it("an element that cannot be read is about nothing", () => {
    expect(found({}, { unreadable: "not_an_object", data: "text" })).toEqual({
      orderNumber: null,
      orderNumberKey: null,
      record: null,
    });
  });
});
