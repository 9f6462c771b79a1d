/** The way of a support lead through the pages, for any stack that serves them. */
import type { Page } from "playwright-core";

/** Texts that a person sees who looks an order up. */
type Seen = {
  /** The sentence about the order. */
  readonly answer: string;
  /** One text per call that is listed, its columns apart by blanks. */
  readonly calls: readonly string[];
  /** The headline of the newest call's own page and the steps of its timeline; null when the order has no call. */
  readonly call: { readonly headline: string; readonly steps: readonly string[] } | null;
};

/**
 * Signs in with a token, types an order number, reads the answer and opens the newest call.
 *
 * @param page a fresh page: nobody is signed in
 * @param url where the service is reached
 * @param token one with `calls:read`
 * @param orderNumber as a person types it
 */
export async function signInAndSearch(page: Page, url: string, token: string, orderNumber: string): Promise<Seen> {
  await page.goto(url);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/signin"));
  await page.goto(`${url}/orders?order_number=${encodeURIComponent(orderNumber)}`);

  const answer = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  const rows = page.locator("table.calls tbody tr");
  const calls = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
  if (calls.length === 0) return { answer, calls, call: null };

  await rows.first().getByRole("link").click();
  await page.waitForURL(/\/calls\//);
  const headline = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  const steps = await page.locator(".timeline .step").allInnerTexts();
  return { answer, calls, call: { headline, steps: steps.map((step) => step.replace(/\s+/g, " ").trim()) } };
}
