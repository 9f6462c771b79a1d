/** The way of a support lead in a real browser, on the real whole. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { signInAndSearch } from "../../pages/walk.ts";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";

let shop: Shop;
let browser: Browser;

beforeAll(async () => {
  shop = await openShop({
    mihu: { call_ms: 300, outcomes: { completed: 1 } },
    vars: { LINK_HOSTS: "media.mihu.example" },
  });
  await listenForOutcomes(shop);
  browser = await launchBrowser();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

test("Somebody signs in, types an order number, reads what became of it, opens the call with its timeline and signs out.", async () => {
  // The page shows payload values as text: markup in them does not run.
  const customer = { first_name: "<img src=x onerror=document.title='owned'>" };
  await shop.send({ name: "#8001", phone: number(801), customer });
  await shop.call("#8001", "ended");
  await shop.send({ name: "#8001", phone: "nobody", shipping_address: null, customer });
  await shop.until(
    () => shop.calls("order_number=8001"),
    (calls) => calls.length === 2,
  );

  const context = await browser.newContext({ viewport: { width: 1_200, height: 1_000 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));

  const seen = await signInAndSearch(page, shop.url, shop.token, "#8001");
  expect(seen.answer).toMatch(/^Yes: .+ UTC, .+, completed.* Not called .+\.$/);
  expect(seen.calls).toHaveLength(2);
  expect(seen.calls[0]).toContain("no number");
  expect(seen.calls[1]).toContain(number(801));

  await page.goBack();
  await page.locator("table.calls tbody tr").nth(1).getByRole("link").click();
  await page.waitForURL(/\/calls\//);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toMatch(/^The call was placed and completed/);
  const steps = (await page.locator(".timeline .step").allInnerTexts()).map((step) => step.replace(/\s+/g, " ").trim());
  const way = ["Queued", "Claimed by its line, to be dialled", "Placed: Mihu has the call", "Ended: completed"];
  expect(steps.filter((step) => way.includes(step))).toEqual(way);
  expect(await page.title()).toBe("Call about #8001 · Hookline");
  expect(await page.getByRole("link", { name: "Recording" }).getAttribute("href")).toMatch(
    /^\/calls\/[\w-]+\/recording$/,
  );

  const session = async () => (await context.cookies()).filter(({ name }) => name !== "zone");
  const [cookie] = await session();
  expect(cookie).toMatchObject({ name: "__Host-session", httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/signin/);
  expect(await session()).toEqual([]);
  await page.goto(`${shop.url}/?order_number=8001`);
  expect(new URL(page.url()).pathname).toBe("/signin");
  expect(complaints).toEqual([]);
  await context.close();
});

test("Whoever comes by an address of a page is led there after signing in, and sees no number without pii:read.", async () => {
  await shop.send({ name: "#8002", phone: number(802) });
  const { id } = await shop.call("#8002", "ended");
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${shop.url}/calls/${id}`);
  await page.getByLabel("Token").fill(await shop.tokenFor(["calls:read"]));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(new RegExp(id));
  const text = await page.locator("main").textContent();
  expect(text).toContain("pii:read");
  expect(text).not.toContain(number(802).slice(2));
  await page.goto(`${shop.url}/no/such/page`);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("There is nothing here");
  await context.close();
});
