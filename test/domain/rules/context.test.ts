import { describe, expect, it } from "vitest";
import { jsonDepthMax } from "../../../src/domain/json.ts";
import { buildContext } from "../../../src/domain/rules/context.ts";

const event = { id: "evt_1", type: "orders/updated", occurredAt: Date.UTC(2026, 0, 1), source: "acme-orders" };

function nested(depth: number): unknown {
  return depth === 0 ? "bottom" : { in: nested(depth - 1) };
}

function depthOf(value: unknown): number {
  return typeof value === "object" && value !== null && "in" in value ? 1 + depthOf(value.in) : 0;
}

describe("buildContext", () => {
  it("gives the event's own facts in the words of the wire", () => {
    expect({ ...buildContext(event, {}, null).event }).toEqual({
      id: "evt_1",
      type: "orders/updated",
      occurred_at: "2026-01-01T00:00:00.000Z",
      source: "acme-orders",
    });
  });

  it.each([null, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])("gives no time for %s", (occurredAt) => {
    expect(buildContext({ ...event, occurredAt }, {}, null).event.occurred_at).toBeNull();
  });

  it("keeps a payload's values as they are", () => {
    const payload = { a: [1, "2", true, null, { b: 2 ** 53 }], "we ird": "\ud800\u0000" };
    expect(JSON.stringify(buildContext(event, payload, payload).data)).toBe(JSON.stringify(payload));
  });

  it("gives every object no prototype, in lists and in records too", () => {
    const { data, record } = buildContext(event, { a: [{ b: {} }] }, { c: {} });
    const seen: unknown[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Array.isArray(value)) seen.push(Object.getPrototypeOf(value));
      Object.values(value).forEach(walk);
    };
    walk(data);
    walk(record);
    expect(seen).toEqual([null, null, null, null, null]);
  });

  it("drops the keys that reach a prototype, however deep, and pollutes nothing", () => {
    const payload: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}},"prototype":1,"kept":2}}',
    );
    const { data } = buildContext(event, payload, null);
    expect(JSON.stringify(data)).toBe('{"a":{"kept":2}}');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("reads null for what is nested deeper than 64, and does not overflow", () => {
    expect(depthOf(buildContext(event, nested(jsonDepthMax - 1), null).data)).toBe(jsonDepthMax - 1);
    expect(depthOf(buildContext(event, nested(5_000), null).data)).toBe(jsonDepthMax);
  });

  it("reads null for what no JSON holds", () => {
    const { data } = buildContext(event, { f: () => 1, u: undefined, b: 1n, s: Symbol("s") }, undefined);
    expect(JSON.stringify(data)).toBe('{"f":null,"u":null,"b":null,"s":null}');
  });

  it("leaves the payload itself as it was", () => {
    const payload = Object.freeze({ a: Object.freeze([Object.freeze({ b: 1 })]) });
    expect(() => buildContext(event, payload, null)).not.toThrow();
  });
});
