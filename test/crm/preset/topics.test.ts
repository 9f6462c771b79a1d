import { expect, test } from "vitest";
import { topicAdvice } from "../../../src/crm/preset/topics.ts";
import { presets } from "../../../src/crm/presets/index.ts";
import { presetGuide } from "../../../src/crm/setup-guide.ts";

test.each([
  ["shopify", "order/updated", "orders/updated"],
  ["shopify", "orders.updated", "orders/updated"],
  ["shopify", "Orders/Create", "orders/create"],
  ["shopify", "orders/canceled", "orders/cancelled"],
  ["woocommerce", "orders.updated", "order.updated"],
  ["woocommerce", "order.update", "order.updated"],
  ["pipedrive", "changed.deal", "change.deal"],
])("%s: %s is none of its topics, and %s is meant", (preset, topic, meant) => {
  expect(presetGuide.topicAdvice(preset, topic)).toContain(`did you mean \`${meant}\`?`);
});

test("A topic that is like no other one is named, and nothing is guessed.", () => {
  expect(presetGuide.topicAdvice("shopify", "lead.new")).toBe(
    "`lead.new` is none of the topics of Shopify that Hookline knows: a rule with it may never call.",
  );
});

test.each([
  ["woocommerce", "action.woocommerce_add_to_cart"],
  ["bearer", "whatever"],
  ["no-such-preset", "orders/updated"],
])("%s: nothing is said of %s, because the list is open", (preset, topic) => {
  expect(presetGuide.topicAdvice(preset, topic)).toBeNull();
});

test("Every topic of a preset is known to it.", () => {
  for (const { title, topics } of presets.values())
    for (const topic of topics ?? []) expect([topic, topicAdvice(title, topics, topic)]).toEqual([topic, null]);
});

test("A topic of many thousand characters is answered.", () => {
  expect(presetGuide.topicAdvice("shopify", "orders/".repeat(300))).toContain("none of the topics");
});
