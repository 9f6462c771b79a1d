/** A rule is read, edited, rehearsed and made live on the pages, in a real browser, on the real whole. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { callMe, number, openShop, put, type Shop, source } from "../shop.ts";

const hostile = `<img src=x onerror="document.title='owned'">{{ 7 }}`;
const phone = number(901);
let shop: Shop;
let browser: Browser;

beforeAll(async () => {
  shop = await openShop({ rule: { mode: "shadow" } });
  browser = await launchBrowser();
  await shop.send({ name: "#9001", phone, customer: { first_name: hostile, [hostile]: "a hostile key" } });
  await shop.until(
    () => shop.calls("order_number=9001"),
    (calls) => calls.length === 1,
  );
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const rulePath = (name: string, more = "") => `/sources/${source}/rules/${name}${more}`;

type Stored = { mode: string; version: number; about: string; when: string };

async function stored(name: string): Promise<Stored> {
  return (await (await shop.api(`/v1/sources/${source}/rules/${name}`)).json()) as Stored;
}

/** A rule of its own for each test, after the others of the source. */
async function makeRule(name: string, more: object = {}): Promise<void> {
  await put(shop, `/v1/sources/${source}/rules/${name}`, { ...callMe, mode: "shadow", ...more });
}

/** A signed-in page. Every complaint of the browser, and every request to another origin, is in `complaints`. */
async function openPage(token: string, javaScriptEnabled = true): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, javaScriptEnabled });
  await context.addInitScript(`window.shifts = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.hadRecentInput ? 0 : entry.value; })
      .observe({ type: "layout-shift", buffered: true });`);
  const page = await context.newPage();
  const complaints: string[] = [];
  // A browser logs the status of each refused form by itself.
  page.on("console", (message) => message.text().includes("status of 4") || complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(shop.url).origin) complaints.push(request.url());
  });
  await page.goto(`${shop.url}/signin`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/signin"));
  return { page, complaints };
}

/** Findings about the page as it stands: axe in light and dark, overflow at 360 px, and layout shifts. */
async function flawsOf(page: Page): Promise<unknown[]> {
  const flaws: unknown[] = [];
  const shifts = await page.evaluate("window.shifts");
  if (shifts !== 0) flaws.push({ shifts });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    flaws.push(...violations.map(({ id, nodes }) => ({ colorScheme, id, at: nodes.map(({ html }) => html) })));
  }
  await page.setViewportSize({ width: 360, height: 800 });
  const width = await page.evaluate("document.documentElement.scrollWidth");
  if (width !== 360) flaws.push({ width });
  await page.setViewportSize({ width: 1_280, height: 900 });
  return flaws;
}

const preview = (page: Page) => page.locator(".follows");

test("A rule is edited with a preview that follows it and paths that complete, is made live after its rehearsal, and each page is without a flaw.", async () => {
  await makeRule("scripted");
  const { page, complaints } = await openPage(shop.token);
  await page.goto(shop.url + rulePath("scripted", "/edit"));
  await preview(page).getByRole("link", { name: "#9001" }).waitFor();
  expect(await flawsOf(page)).toEqual([]);

  // Typing completes a path of the captured payload.
  const about = page.getByLabel("About", { exact: true });
  await about.fill("");
  await about.pressSequentially("Order {{ data.nam");
  await page.getByRole("option", { name: "data.name", exact: true }).waitFor();
  await about.press("Enter");
  expect(await about.inputValue()).toBe("Order {{ data.name }}");
  // A click on a value writes its path at the cursor.
  await about.press("End");
  await about.pressSequentially(" of ");
  await page.locator('[data-path="data.customer.first_name"]').click();
  expect(await about.inputValue()).toBe("Order {{ data.name }} of {{ data.customer.first_name }}");
  await preview(page).getByText("Order #9001 of").waitFor();
  // A condition that is false is told as such, and a mistake is told in the API's words.
  const when = page.getByLabel("Condition");
  await when.fill("data.name == 'another'");
  await preview(page).getByText("The condition is false").waitFor();
  await when.fill("data.name ==");
  await preview(page).getByText("The rule cannot decide yet.").waitFor();
  await when.fill("");
  await preview(page).getByText("Order #9001 of").waitFor();
  expect(await flawsOf(page)).toEqual([]);

  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/did=rule_saved/);
  expect(await stored("scripted")).toMatchObject({ version: 2, mode: "shadow" });
  expect(await page.locator(".line-diff .added").allInnerTexts()).toEqual([
    expect.stringContaining("Order {{ data.name }} of {{ data.customer.first_name }}"),
  ]);
  expect(await flawsOf(page)).toEqual([]);

  await page.getByRole("link", { name: "Change mode" }).click();
  expect(await page.locator(".rehearsal").textContent()).toMatch(/of the last 7 days, this rule would make/);
  expect(await flawsOf(page)).toEqual([]);
  await page.getByLabel("Live").check();
  await page.getByRole("button", { name: "Change the mode" }).click();
  await page.waitForURL(/did=rule_mode/);
  expect(await stored("scripted")).toMatchObject({ version: 3, mode: "live" });

  // A live rule is rehearsed before it is saved.
  await page.goto(shop.url + rulePath("scripted", "/edit"));
  await about.fill("The order is {{ data.name }}.");
  await page.getByRole("button", { name: "Rehearse" }).click();
  await page.getByRole("heading", { name: "Rehearsal of scripted" }).waitFor();
  expect(await stored("scripted")).toMatchObject({ version: 3 });
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Save it" }).click();
  await page.waitForURL(/did=rule_saved/);
  expect(await stored("scripted")).toMatchObject({ version: 4, mode: "live", about: "The order is {{ data.name }}." });
  expect(complaints).toEqual([]);
  await page.context().close();
}, 120_000);

test("Without a script a rule is edited, takes a path of a payload, is previewed, rehearsed and made live.", async () => {
  await makeRule("plain");
  const { page, complaints } = await openPage(shop.token, false);
  await page.goto(shop.url + rulePath("plain", "/edit"));
  await page.getByLabel("About", { exact: true }).fill("Order");
  await page.getByLabel("A click writes into").selectOption("about");
  await page.locator('[data-path="data.name"]').click();
  expect(await page.getByLabel("About", { exact: true }).inputValue()).toBe("Order {{ data.name }}");
  expect(await preview(page).textContent()).toContain("Order #9001");
  await page.getByLabel("Condition").fill("false");
  await page.getByRole("button", { name: "Preview" }).click();
  expect(await preview(page).textContent()).toContain("The condition is false");
  await page.getByLabel("Condition").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/did=rule_saved/);
  await page.goto(shop.url + rulePath("plain", "/mode"));
  await page.getByLabel("Live").check();
  await page.getByRole("button", { name: "Change the mode" }).click();
  await page.waitForURL(/did=rule_mode/);
  await page.goto(shop.url + rulePath("plain", "/edit"));
  await page.getByLabel("About", { exact: true }).fill("Only this.");
  await page.getByRole("button", { name: "Rehearse" }).click();
  expect((await stored("plain")).about).toBe("Order {{ data.name }}");
  await page.getByRole("button", { name: "Save it" }).click();
  await page.waitForURL(/did=rule_saved/);
  expect(await stored("plain")).toMatchObject({ mode: "live", about: "Only this." });
  expect(complaints).toEqual([]);
  await page.context().close();
}, 60_000);

test("Of two people who edit one version, the second is told of the first, loses no text, and replaces it only by saving again.", async () => {
  await makeRule("shared");
  const [one, other] = [await openPage(shop.token), await openPage(shop.token)];
  for (const { page } of [one, other]) await page.goto(shop.url + rulePath("shared", "/edit"));
  await one.page.getByLabel("Greeting").fill("From the first.");
  await one.page.getByRole("button", { name: "Save" }).click();
  await one.page.waitForURL(/did=rule_saved/);
  await other.page.getByLabel("Greeting").fill("From the second.");
  await other.page.getByRole("button", { name: "Save" }).click();
  const alert = other.page.getByRole("alert");
  expect(await alert.textContent()).toContain("Version 2 was saved while version 1 was edited here.");
  expect(await alert.getByRole("link").getAttribute("href")).toBe(`${rulePath("shared")}?from=1&to=2`);
  expect(await other.page.getByLabel("Greeting").inputValue()).toBe("From the second.");
  expect(await stored("shared")).toMatchObject({ version: 2, greeting: "From the first." });
  await other.page.getByRole("button", { name: "Save" }).click();
  await other.page.waitForURL(/did=rule_saved/);
  expect(await stored("shared")).toMatchObject({ version: 3, greeting: "From the second." });
  expect([...one.complaints, ...other.complaints]).toEqual([]);
  for (const { page } of [one, other]) await page.context().close();
}, 60_000);

test("A rule with mistakes is not saved: the API's words stand beside their fields, and what was typed stays.", async () => {
  await makeRule("wrong");
  const { page, complaints } = await openPage(shop.token);
  await page.goto(shop.url + rulePath("wrong", "/edit"));
  await page.getByLabel("Condition").fill("data.total >");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Burst: calls").fill("1");
  await page.getByLabel("Burst: within").fill("soon");
  await page.getByRole("button", { name: "Save" }).click();
  const { errors } = (await (
    await shop.api(`/v1/sources/${source}/rules/wrong`, { method: "PUT", json: { ...callMe, when: "data.total >" } })
  ).json()) as { errors: { path: string[]; reason: string }[] };
  const said = errors.find(({ path }) => path[0] === "when")?.reason ?? "no reason";
  await page.getByRole("alert").waitFor();
  const beside = (await page.locator(".mistake").allTextContents()).join("\n");
  expect(beside.toLowerCase()).toContain(said.replaceAll("`", "").toLowerCase());
  expect(await page.getByLabel("Condition").inputValue()).toBe("data.total >");
  expect(await page.getByLabel("Burst: within").inputValue()).toBe("soon");
  expect(await stored("wrong")).toMatchObject({ version: 1 });
  expect(await flawsOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.context().close();
}, 60_000);

test("Hostile values and keys of an event stay text in its tree, on its page and in a preview.", async () => {
  await makeRule("quoting", { about: "They are {{ data.customer.first_name }}." });
  const { page, complaints } = await openPage(shop.token);
  await page.goto(shop.url + rulePath("quoting", "/edit"));
  expect(await page.locator(".tree").textContent()).toContain("<img src=x onerror=");
  await preview(page).getByText("They are «").waitFor();
  const [call] = await shop.calls("order_number=9001");
  await page.goto(`${shop.url}/events/${call?.event_id}`);
  expect(await page.locator(".tree").textContent()).toContain("a hostile key");
  expect(await page.locator("main img").count()).toBe(0);
  expect(await page.title()).not.toBe("owned");
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole("link", { name: "quoting", exact: true }).click();
  await page.getByRole("heading", { name: "Edit quoting" }).waitFor();
  expect(await page.getByLabel("Event", { exact: true }).inputValue()).toBe(call?.event_id);
  expect(complaints).toEqual([]);
  await page.context().close();
}, 60_000);

test("A reader without admin sees no button, and no form of theirs changes a rule; without pii:read values are masked.", async () => {
  await makeRule("guarded");
  const reading = await openPage(await shop.tokenFor(["calls:read", "calls:write", "pii:read"]));
  await reading.page.goto(shop.url + rulePath("guarded"));
  expect(await reading.page.getByRole("link", { name: /^(Edit|Change mode)$/ }).count()).toBe(0);
  for (const more of ["guarded/edit", "guarded/mode", "new"]) {
    const address = shop.url + rulePath(more);
    const headers = { origin: new URL(shop.url).origin };
    expect((await reading.page.request.get(address)).status()).toBe(403);
    const form = { act: "save", mode: "live", name: "of-theirs", about: "Changed." };
    expect((await reading.page.request.post(address, { headers, form })).status()).toBe(403);
  }
  expect(await stored("guarded")).toMatchObject({ version: 1, mode: "shadow" });
  await reading.page.context().close();

  const masked = await openPage(await shop.tokenFor(["calls:read", "admin"]));
  await masked.page.goto(shop.url + rulePath("guarded", "/edit"));
  await preview(masked.page).getByRole("link", { name: "#9001" }).waitFor();
  const text = (await masked.page.locator("main").textContent()) ?? "";
  expect(text).not.toContain(phone.slice(2));
  expect(text).not.toContain("onerror");
  expect(text).toContain("Payloads are hidden");
  expect(await masked.page.locator("[data-path]").count()).toBe(0);
  expect(await flawsOf(masked.page)).toEqual([]);
  expect(masked.complaints).toEqual([]);
  await masked.page.context().close();
}, 60_000);
