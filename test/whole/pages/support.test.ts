/** Questions of a support lead that the pages answer, in a real browser without a script, on the real whole. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { receiver, status, subscribed } from "../hooks/receiver.ts";
import { callMe, line, number, openShop, put, type Shop, source } from "../shop.ts";
import { type Person, person, seen } from "./reader.ts";

const everything = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"];

let shop: Shop;
let browser: Browser;
let lead: Person;

beforeAll(async () => {
  [shop, browser] = await Promise.all([openShop(), launchBrowser()]);
  lead = await person({ shop, browser }, "Lena", everything, false);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const open = async (path: string) => {
  await lead.page.goto(`${shop.url}${path}`);
  expect(lead.complaints).toEqual([]);
  return lead.page;
};
const rowsOf = async (label: string) =>
  (await lead.page.getByRole("table", { name: label, exact: true }).locator("tbody tr").allInnerTexts()).map((text) =>
    text.replace(/\s+/g, " "),
  );

test("Refused requests stand grouped by their code, with count and last time, above the newest.", async () => {
  for (const nth of [1, 2]) await shop.send({ name: `#80${nth}` }, { secret: "shpss_a-secret-that-the-shop-has-not" });
  await shop.send({ name: "#803" }, { headers: { "x-shopify-hmac-sha256": null } });
  type List = { data: { code: string }[] };
  await shop.until(
    async () => ((await (await shop.api(`/v1/sources/${source}/rejections`)).json()) as List).data,
    (found) => found.length === 3,
  );
  await open(`/sources/${source}/rejections`);
  const rows = await rowsOf("Refused requests by code");
  expect(rows[0]).toMatch(/^signature wrong 2 \w+/);
  expect(rows[1]).toMatch(/^signature missing 1 \w+/);
  expect(await lead.page.locator(".refusals > li").count()).toBe(3);
});

test("An event's row has the number of its calls.", async () => {
  await shop.send({ name: "#810", phone: number(810) });
  await shop.call("810", "placed");
  await open(`/sources/${source}/events`);
  expect((await rowsOf("Events"))[0]).toContain(" 1 call. ");
});

test("A call that lacks a value is no dead end: its pages lead to the rule, and the mended rule releases it.", async () => {
  await shop.send({ name: "#820", phone: number(820), customer: {} });
  const held = await shop.call("820", "held");
  const page = await open("/review");
  expect((await rowsOf("Calls that wait for a person"))[0]).toContain(
    "reads data.customer.first_name, which gives no text for this event",
  );
  expect(await seen(page.locator("nav.pages"))).toMatch(/Review1/);
  await open(`/calls/${held.id}/release`);
  expect(await page.locator("form[action$=release]").count()).toBe(0);
  await page.getByRole("link", { name: "Edit the rule" }).click();
  const lines = page.locator("datalist#field-line-offers option");
  expect(await lines.evaluateAll((all) => all.map((one) => one.getAttribute("value")))).toContain(line);
  const fallback = (name: string) => name.replaceAll("first_name }}", 'first_name | default: "there" }}');
  await page.getByLabel("About", { exact: true }).fill(fallback(callMe.about));
  await page.getByLabel("Greeting", { exact: true }).fill(fallback(callMe.greeting));
  await page.getByRole("button", { name: "Rehearse" }).click();
  await page.getByRole("button", { name: /^Save/ }).click();
  await open(`/calls/${held.id}/release`);
  await page.getByLabel("Reason").fill("the rule was mended");
  await page.getByRole("button", { name: "Release the call" }).click();
  await shop.call("820", "placed");
});

test("A replay whose call still waits says so, and what to do first.", async () => {
  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "lunch" } });
  await shop.send({ name: "#830", phone: number(830) });
  const { event_id } = await shop.call("830", "queued");
  await shop.api(`/v1/lines/${line}/resume`, { method: "POST", json: {} });
  await shop.call("830", "placed");
  await shop.send({ name: "#831", phone: number(831), customer: {} });
  await put(shop, `/v1/sources/${source}/rules/strict`, { ...callMe, on: ["orders/paid"] });
  await shop.send({ name: "#832", phone: number(832), customer: {} }, { type: "orders/paid" });
  const held = await shop.call("832", "held");
  const page = await open(`/events/${held.event_id}/replay`);
  expect(await seen(page.locator(".says"))).toContain(
    "A call of this event still waits to be placed, or for a person.",
  );
  await open(`/events/${event_id}/replay`);
  expect(await seen(page.locator(".says"))).toContain("The customer was called about it already.");
});

test("A hook's row has the receiver's last answer and the next try.", async () => {
  const told = await receiver();
  told.answer(status(500));
  const hook = await subscribed(shop, told.url, {});
  await shop.send({ name: "#840", phone: number(840) });
  type Read = { last_try: { status: number } | null; next_at: string | null };
  await shop.until(
    async () => (await (await shop.api(`/v1/hooks/${hook.id}`)).json()) as Read,
    ({ last_try, next_at }) => last_try?.status === 500 && next_at !== null,
  );
  await open("/hooks");
  expect((await rowsOf("Hooks"))[0]).toMatch(/answered 500 .* \d\d:\d\d/);
  await told.close();
});

test("Readings are filtered by their reader and their days, and leave as a file.", async () => {
  const [call] = await shop.calls("order_number=810");
  await open(`/calls/${call?.id}`);
  const page = await open("/people/readings?reader=Lena");
  expect((await rowsOf("Readings")).every((row) => row.startsWith("Lena "))).toBe(true);
  await open("/people/readings?reader=Nobody");
  expect(await seen(page.locator(".empty"))).toContain("No reading matches.");
  await open("/people/readings?from=2020-01-01&to=2020-01-02");
  expect(await seen(page.locator(".empty"))).toContain("No reading matches.");
  const file = await shop.api("/v1/audit/readings/export?format=csv&reader=Lena");
  const [head, ...rows] = (await file.text()).trim().split("\r\n");
  expect(head).toContain("id,at,reader,actor,action,what,rows,call_id,event_id");
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every((row) => row.includes(",Lena,"))).toBe(true);
  expect((await shop.api("/v1/audit/readings/export?format=csv&reader=Nobody")).status).toBe(200);
});

test("The fields of a rule are read and saved by their labels, without a line of JSON.", async () => {
  const page = await open(`/sources/${source}/rules/strict/edit`);
  await page.locator("details.group summary").click();
  const fill = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);
  await fill("Once per", "{{ data.id }}");
  await fill("Once per: within", "30d");
  await fill("Burst: calls", "20");
  await fill("Burst: within", "1h");
  await page.getByLabel("Try again if the number is busy").check();
  await fill("Try again after", "2h, 1d");
  await page.getByRole("button", { name: "Rehearse" }).click();
  await page.getByRole("button", { name: /^Save/ }).click();
  await page.waitForURL(/did=/);
  const saved = await (await shop.api(`/v1/sources/${source}/rules/strict`)).json();
  expect(saved).toMatchObject({
    once_per: { key: "{{ data.id }}", in: "30d" },
    burst: { calls: 20, in: "1h" },
    try_again: { on: ["busy"], after: ["2h", "1d"] },
  });
  expect(await seen(page.locator("dl.fields"))).toContain("20 calls within 1h");
  expect(await seen(page.locator("dl.fields"))).not.toContain("{\n");
  // A form that the former version showed lacks these fields: it had them in one of its own.
  await open(`/sources/${source}/rules/strict/edit`);
  await page.locator("details.group summary").click();
  await page.evaluate(`{
    const { form } = document.querySelector("[name='burst.calls']");
    const rest = Object.assign(document.createElement("input"), { type: "hidden", name: "rest", value: "{}" });
    form.append(rest);
    for (const name of ["burst.calls", "burst.in", "once_per.key", "once_per.in"]) form.elements[name].remove();
  }`);
  await page.getByRole("button", { name: "Rehearse" }).click();
  expect(await page.getByRole("alert").textContent()).toContain("Hookline was updated while this form was open.");
  await page.locator("details.group summary").click();
  expect(await page.getByLabel("Burst: calls", { exact: true }).inputValue()).toBe("20");
  expect(await page.getByLabel("Once per", { exact: true }).inputValue()).toBe("{{ data.id }}");
});
