/** Ways of people through the pages, in a real browser on the real whole. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { fixtures as hubspot } from "../../crm/fixtures/hubspot.ts";
import { receiver, subscribed } from "../hooks/receiver.ts";
import { line, listenForOutcomes, number, openShop, type Shop, source } from "../shop.ts";
import { atPage, type Person, person, seen, sendToken } from "./reader.ts";

const everything = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"];

let shop: Shop;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  [shop, browser] = await Promise.all([
    openShop({ mihu: { call_ms: 200 }, vars: { LINK_HOSTS: "media.mihu.example" } }),
    launchBrowser(),
  ]);
  await listenForOutcomes(shop);
  ada = await person({ shop, browser }, "Ada", everything);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

async function send(page: Page, button: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.locator("main").getByRole("button", { name: button, exact: true }).click();
}

test("A newcomer sees how the first call comes, and finds it by its order number as it is typed.", async () => {
  const { page } = ada;
  await page.goto(`${shop.url}/`);
  expect(await seen(page.locator(".empty"))).toContain("There is no call yet.");
  await shop.send({ name: "#7101", phone: number(711) });
  await shop.call("#7101", "ended");
  await page.getByRole("searchbox").pressSequentially("7101");
  await page.locator("#suggestions").getByRole("link").first().waitFor();
  await page.getByRole("searchbox").press("Enter");
  await page.waitForURL(/\/orders\?/);
  expect(await seen(page.locator("h1"))).toMatch(/^Yes: /);
  await page.locator("table.calls tbody").getByRole("link").first().click();
  await page.waitForURL(/\/calls\//);
  expect(await seen(page.locator("h1"))).toMatch(/^The call was placed and completed/);
  expect(ada.complaints).toEqual([]);
});

test("A person sets HubSpot up on its pages alone: preset, secret, address, and the first event turns green by itself.", async () => {
  const { page } = ada;
  const secret = "9c1f2e6a-4b7d-4f0e-8a53-d2b6c7e1f094";
  await page.goto(`${shop.url}/sources`);
  await page.getByRole("link", { name: "Set up a source" }).first().click();
  await page.getByLabel("Name of the product").fill("hubsp");
  await page.getByRole("button", { name: "Search" }).click();
  await page
    .getByRole("link", { name: /HubSpot/ })
    .first()
    .click();
  await send(page, "Make the source", { Name: "tickets", Account: "62515", Secret: secret });
  await atPage(page, "Tell the sender where to send");
  const url = (await seen(page.locator("main code.address"))).trim();
  await page.getByText("Waiting for the first event").waitFor();
  const [stand] = hubspot;
  if (stand === undefined) throw new Error("HubSpot has no fixture");
  const { headers, body } = stand.send({ secret, at: Date.now(), url });
  expect((await fetch(url, { method: "POST", headers, body })).ok).toBe(true);
  await page.getByText("The first event has arrived").waitFor({ timeout: 20_000 });
  await page.getByRole("link", { name: "Write its first rule" }).waitFor();
  expect(ada.complaints).toEqual([]);
}, 60_000);

test("A call that is canceled while it dials rings once and the page says so; one that waited never rings.", async () => {
  const { page } = ada;
  shop.simulator.setFaults({ latency_ms: 4_000 });
  await shop.send({ name: "#7201", phone: number(721) });
  const dialing = await shop.call("#7201", "dialing");
  await page.goto(`${shop.url}/calls/${dialing.id}/cancel`);
  await send(page, "Cancel the call", { Reason: "solved by mail" });
  expect(await seen(page.getByRole("alert"))).toContain("Nothing was done.");
  expect(await page.getByLabel("Reason").inputValue()).toBe("solved by mail");
  shop.simulator.setFaults({ latency_ms: 0 });
  await shop.call("#7201", "ended");
  expect(shop.rings(number(721))).toHaveLength(1);

  await shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "a pause" } });
  await shop.send({ name: "#7202", phone: number(722) });
  const { id } = await shop.call("#7202", "queued");
  await page.goto(`${shop.url}/calls/${id}`);
  await page.getByRole("link", { name: "Cancel", exact: false }).first().click();
  await send(page, "Cancel the call", { Reason: "solved by phone" });
  await page.getByText("The call is canceled.").waitFor();
  await shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
  await shop.send({ name: "#7203", phone: number(723) });
  await shop.call("#7203", "ended");
  expect(shop.rings(number(722))).toEqual([]);
  expect(ada.complaints).toEqual([]);
}, 60_000);

test("A session that ends while somebody writes loses no text.", async () => {
  const { page, context, token } = ada;
  const text = "A long note,\nwith a second line, “quotes” & <b>marks</b>.";
  await page.goto(`${shop.url}/orders/notes?order_number=7101`);
  await page.getByLabel("Note", { exact: true }).fill(text);
  const other = await context.newPage();
  await other.goto(`${shop.url}/calls`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.waitForURL(/signin/);
  await other.close();
  await page.getByRole("button", { name: "Add the note" }).click();
  await atPage(page, "Your session has ended");
  await sendToken(page, token);
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("The note is stored.").waitFor();
  expect(await seen(page.locator(".timeline, main"))).toContain("with a second line, “quotes” & <b>marks</b>.");
});

test("A live list is answered 304 while nothing changes, and stands still while somebody selects in it.", async () => {
  const { page } = ada;
  await page.goto(`${shop.url}/calls`);
  await page.mouse.move(1, 1);
  const rows = page.locator("table.calls tbody tr");
  const before = await rows.count();
  await page.waitForResponse((answer) => answer.status() === 304, { timeout: 20_000 });
  await rows.first().locator("td, th").first().selectText();
  await shop.send({ name: "#7301", phone: number(731) });
  await shop.call("#7301", "ended");
  await page.getByText("Still while you read").waitFor({ timeout: 20_000 });
  expect(await rows.count()).toBe(before);
  expect(await page.evaluate("window.shifts")).toBe(0);
  await page.evaluate("getSelection().removeAllRanges()");
  await page.getByText("#7301").first().waitFor({ timeout: 20_000 });
  expect(await rows.count()).toBe(before + 1);
  expect(ada.complaints).toEqual([]);
}, 60_000);

test("Without a script one decision of each room works by its plain form.", async () => {
  const told = await receiver();
  const hook = await subscribed(shop, told.url);
  const bert = await person({ shop, browser }, "Bert", everything, false);
  const { page } = bert;
  const decide = async (
    path: string,
    button: string,
    fields: Readonly<Record<string, string>>,
    done: string | RegExp,
  ) => {
    await page.goto(shop.url + path);
    await send(page, button, fields);
    await page.getByText(done).first().waitFor();
  };
  const why = { Reason: "without a script" };
  await decide("/orders/notes?order_number=7101", "Add the note", { Note: "by a plain form" }, "The note is stored.");
  await decide(`/lines/${line}/pause`, "Pause the line", why, /paused/i);
  await decide(`/lines/${line}/resume`, "Resume the line", why, /resumed/i);
  await decide(`/sources/${source}/pause`, "Pause it", why, "The source is paused.");
  await decide(`/sources/${source}/resume`, "Resume it", why, "The source is resumed.");
  await decide(`/hooks/${hook.id}/pause`, "Pause the hook", why, "The hook is paused.");
  await decide("/people/suppress", "Suppress the number", { ...why, Number: number(799) }, "The number is suppressed.");
  await decide("/people/tokens/new", "Make the token", { Name: "Nobody" }, "Nothing was done.");
  await decide("/sources/new/bearer", "Make the source", { Name: "by-hand" }, "Tell the sender where to send");
  await page.goto(`${shop.url}/find?q=7101`);
  await page.waitForURL(/\/orders\?/);
  await page.goto(`${shop.url}/calls?outcome=completed`);
  expect(await page.locator("table.calls tbody tr").count()).toBeGreaterThan(0);
  expect(bert.complaints).toEqual([]);
  await told.close();
}, 60_000);
