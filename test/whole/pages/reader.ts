/** A signed-in person in a browser of their own, whose pages are watched. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Shop } from "../shop.ts";

const watchShifts = `window.shifts = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.hadRecentInput ? 0 : entry.value; })
    .observe({ type: "layout-shift", buffered: true });`;

/** `complaints`: all of the browser, and each request to another origin. */
export type Person = {
  readonly token: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
};

/** Signs a person in with a token of these scopes. */
export async function person(
  { shop, browser }: { shop: Pick<Shop, "api" | "url">; browser: Browser },
  name: string,
  scopes: readonly string[],
  javaScriptEnabled = true,
): Promise<Person> {
  const made = await shop.api("/v1/tokens", { method: "POST", json: { name, scopes, days: 1 } });
  const { token } = (await made.json()) as { token: string };
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, javaScriptEnabled });
  await context.addInitScript(watchShifts);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  // A browser logs the status of each refused form by itself.
  page.on("console", (message) => message.text().includes("status of 4") || complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => new URL(request.url()).origin === shop.url || complaints.push(request.url()));
  await page.goto(`${shop.url}/signin`);
  await sendToken(page, token);
  await page.waitForURL((address) => !address.pathname.startsWith("/signin"));
  return { token, context, page, complaints };
}

export async function sendToken(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The open page as it is: nothing moved, no violation in light or dark, no overflow at 360 px. */
export async function expectSound({ page, complaints }: Person): Promise<void> {
  expect(await page.evaluate("window.shifts")).toBe(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.map(({ id, nodes }) => `${colorScheme} ${id} ${nodes[0]?.html}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  await page.setViewportSize({ width: 1_280, height: 900 });
  expect(complaints).toEqual([]);
}

/** @returns The text as a person sees it, once it is there. */
export async function seen(locator: Locator): Promise<string> {
  await locator.first().waitFor();
  return (await locator.allInnerTexts()).join("\n");
}

/** Waits for the page with this heading. */
export async function atPage(page: Page, heading: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}
