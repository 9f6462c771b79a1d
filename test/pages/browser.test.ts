import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../browser.ts";
import { livelyWorld } from "./sample.ts";
import { type Served, serve } from "./serve.ts";
import { signInAndSearch } from "./walk.ts";
import { pagesOf } from "./world.ts";

let browser: Browser;
let served: Served;

beforeAll(async () => {
  const pages = pagesOf(livelyWorld());
  [browser, served] = await Promise.all([launchBrowser(), serve((request) => pages.fetch(request))]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

test("In a real browser a support lead signs in, types an order number and reads what became of each call.", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));

  const seen = await signInAndSearch(page, served.url, "token-of-ada", " 12345 ");
  expect(seen.answer).toMatch(/^Yes: .+, completed/);
  expect(seen.calls).toHaveLength(2);
  expect(seen.calls[0]).toContain("+14155550100");
  expect(seen.call?.headline).toBe("The call was placed and completed, after 2 min 13 s.");
  expect(seen.call?.steps).toContain("Placed: Mihu has the call");

  const session = async () => (await context.cookies()).filter(({ name }) => name !== "zone");
  const [cookie] = await session();
  expect(cookie).toMatchObject({ name: "__Host-session", httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/signin/);
  expect(await session()).toEqual([]);
  // The content security policy refused nothing that the pages themselves want.
  expect(complaints).toEqual([]);
  await context.close();
}, 60_000);

test("In a real browser an engineer finds a source, reads what to set up and why requests were refused, on a phone too.", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${served.url}/sources`);
  await page.getByLabel("Token").fill("token-of-eve");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/sources$/);
  expect(await page.locator("table.calls tbody tr").count()).toBe(3);
  await page.getByRole("link", { name: "acme-orders" }).click();
  await page.waitForURL(/\/sources\/acme-orders/);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("acme-orders");
  const text = await page.locator("main").textContent();
  for (const part of ["/in/acme-orders", "SHOPIFY_SECRET", "signature wrong", "More than 1,000 events"])
    expect(text).toContain(part);
  // Nothing is wider than the screen.
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  expect((await page.screenshot({ fullPage: true })).byteLength).toBeGreaterThan(10_000);
  expect(complaints).toEqual([]);
  await context.close();
}, 60_000);

test("A form that another site posts signs nobody in, whatever the browser sends along.", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const evil = await serve(
    () =>
      new Response(
        `<form method="post" action="${served.url}/signin"><input name="token" value="token-of-ada"><button>Win</button></form>`,
        { headers: { "content-type": "text/html" } },
      ),
  );
  await page.goto(evil.url.replace("localhost", "127.0.0.1"));
  await page.getByRole("button").click();
  await page.waitForURL(/\/signin/);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(
    "This form was not sent from Hookline's pages",
  );
  expect((await context.cookies()).map(({ name }) => name)).toEqual(["zone"]);
  await context.close();
  await evil.close();
}, 60_000);
