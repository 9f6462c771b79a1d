/** People decide calls that wait for them, in a real browser, on the real whole. */
import type { Browser, Page } from "playwright-core";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { callMe, line, listenForOutcomes, number, openShop, type Shop } from "../shop.ts";
import { atPage, expectSound, type Person, person, seen, sendToken } from "./reader.ts";

const hostile = `<img src=x onerror="document.title='owned'">\u202egnp`;

let shop: Shop;
let browser: Browser;
let owner: postgres.Sql;
let anna: Person;
let bob: Person;

beforeAll(async () => {
  shop = await openShop({
    mihu: { call_ms: 200, outcomes: { completed: 1 } },
    // An order without a note is held: its text lacks a value.
    rule: { about: `${callMe.about} {{ data.note }}` },
    vars: { LINK_HOSTS: "media.mihu.example", REVIEW_OVERDUE: "1h" },
  });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => undefined });
  await listenForOutcomes(shop);
  browser = await launchBrowser();
  anna = await person({ shop, browser }, "Anna", ["calls:read", "calls:write", "pii:read"]);
  bob = await person({ shop, browser }, "Bob", ["calls:read", "calls:write"]);
}, 90_000);
afterAll(async () => {
  await owner?.end({ timeout: 5 });
  await browser?.close();
  await shop?.stop();
});

/** A held call for each order number. */
async function held(...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    await shop.send({ name, phone: number(Number(name.slice(1)) + index), note: null });
    ids.push((await shop.call(name, "held")).id);
  }
  return ids;
}

/** The bulk form with these calls selected, filled in. */
async function fillDecision(page: Page, names: readonly string[], decision: string, reason: string): Promise<void> {
  await page.goto(`${shop.url}/review`);
  for (const name of names) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  await page.getByRole("radio", { name: decision, exact: true }).check();
  await page.getByLabel("Reason", { exact: true }).last().fill(reason);
}

const openCall = async (id: string) =>
  (await (await shop.api(`/v1/calls/${id}`)).json()) as { status: string; detail: object | null };

/** Presses Tab until the focused element has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let nth = 0; nth < 40; nth++) {
    if ((await page.evaluate("document.activeElement.name")) === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${name}`);
}

test("A call in review is found, opened and resolved by keyboard alone.", async () => {
  shop.simulator.setFaults({ next: ["before_500"] });
  await shop.send({ name: "#7001", phone: number(701), note: "x" });
  const { id } = await shop.call("#7001", "unknown");
  await owner`update calls set status = 'review', reason = 'not_found', poll_at = null where id = ${id}`;

  const { page } = anna;
  await page.goto(`${shop.url}/review`);
  await page.keyboard.press("?");
  const keys = await page.getByRole("dialog", { name: "Keys" }).locator("kbd").allTextContents();
  expect(keys).toEqual(["j", "k", "o", "x", "?"]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  await page.waitForURL(`**/calls/${id}`);
  await page.goBack();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  expect(await page.getByRole("checkbox", { name: "Select #7001" }).isChecked()).toBe(true);
  await tabTo(page, "decision");
  for (const key of ["Space", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  await tabTo(page, "reason");
  await page.keyboard.type("j k x: the customer says no phone rang");
  await page.keyboard.press("Enter");
  await atPage(page, "Close this call?");
  await tabTo(page, "confirmed");
  await page.keyboard.press("Enter");
  await atPage(page, "1 of 1 closed");
  expect((await openCall(id)).status).toBe("canceled");
  expect(shop.rings(number(701))).toEqual([]);
  expect(anna.complaints).toEqual([]);
}, 60_000);

test("Several calls are decided at once with a reason; a call has an owner, and one that waits too long is marked and announced.", async () => {
  const [first = "", second = "", third = ""] = await held("#7101", "#7102", "#7103");
  await owner`update calls set created_at = now() - interval '61 minutes' where id = ${third}`;
  const { page } = anna;
  await page.goto(`${shop.url}/review`);
  const row = page.locator(`#row-${third}`);
  expect(await row.locator(".overdue").count()).toBe(1);
  expect(await page.locator(".overdue").count()).toBe(1);
  await row.getByRole("button", { name: "Take on" }).click();
  expect(await seen(row.locator(".owner"))).toMatch(/^you/);
  await expectSound(anna);

  await bob.page.goto(`${shop.url}/review`);
  expect(await seen(bob.page.locator(`#row-${third} .owner`))).toBe("Anna");
  await bob.page.goto(`${shop.url}/review?owner=none`);
  expect(await bob.page.locator(`#row-${third}`).count()).toBe(0);

  await fillDecision(page, ["#7101", "#7102"], "Cancel", "solved by mail");
  await page.getByRole("button", { name: "Decide…" }).click();
  await atPage(page, "Cancel these 2 calls?");
  expect((await openCall(first)).status).toBe("held");
  await expectSound(anna);
  await page.getByRole("button", { name: "Cancel 2 calls" }).click();
  await atPage(page, "2 of 2 canceled");
  await expectSound(anna);
  for (const id of [first, second])
    expect(await openCall(id)).toMatchObject({ status: "canceled", detail: { reason: "solved by mail" } });

  await page.goto(`${shop.url}/health`);
  const notice = page.getByRole("listitem").filter({ hasText: "Calls wait for a person's decision" }).first();
  await notice.getByRole("link", { name: "Review", exact: true }).click();
  await page.waitForURL("**/review");
  await row.getByRole("button", { name: "Give back" }).click();
  expect(await seen(row.locator(".owner"))).toMatch(/^Take on/);
}, 90_000);

test("Of two people who take a call on at once one has it, and the other is told and can take it over.", async () => {
  const [id = ""] = await held("#7201");
  for (const { page } of [anna, bob]) await page.goto(`${shop.url}/review`);
  const takeOn = ({ page }: Person) => page.locator(`#row-${id}`).getByRole("button", { name: "Take on" }).click();
  await Promise.all([takeOn(anna), takeOn(bob)]);
  const told = await Promise.all([anna, bob].map(({ page }) => page.getByRole("alert").allInnerTexts()));
  expect(told.map((texts) => texts.length).sort()).toEqual([0, 1]);
  const [loser, winner] = told[0]?.length === 1 ? [anna, "Bob"] : [bob, "Anna"];
  expect(told.flat()[0]).toContain(`Nothing was done. ${winner} has taken on this call.`);
  await loser.page.getByRole("button", { name: "Take it over" }).click();
  expect(await seen(loser.page.locator(`#row-${id} .owner`))).toMatch(/^you/);
});

test("Of two people who decide a call at once one wins, and the other reads the reason.", async () => {
  const [id = ""] = await held("#7202");
  for (const { page } of [anna, bob]) {
    await fillDecision(page, ["#7202"], "Cancel", "both at once");
    await page.getByRole("button", { name: "Decide…" }).click();
  }
  await Promise.all([anna, bob].map(({ page }) => page.getByRole("button", { name: "Cancel the call" }).click()));
  const pages = await Promise.all([anna, bob].map(async ({ page }) => `${await seen(page.locator("main"))}`));
  expect(pages.filter((text) => text.includes("1 of 1 canceled"))).toHaveLength(1);
  const [lost = ""] = pages.filter((text) => text.includes("0 of 1 canceled"));
  expect(lost).toContain("Refused: 1");
  expect(lost).toMatch(/#7202: .*canceled/);
  const rows = await owner`select 1 from entries where subject_id = ${id} and action = 'canceled'`;
  expect(rows).toHaveLength(1);
});

test("A call that is canceled while it dials rings once and its page says so; canceled before, it never rings.", async () => {
  const pause = () => shop.api(`/v1/lines/${line}/pause`, { method: "POST", json: { reason: "a pause of the test" } });
  const resume = () => shop.api(`/v1/lines/${line}/resume`, { method: "POST" });
  const { page } = anna;
  await pause();
  const asked = async (name: string, phone: string) => {
    await shop.send({ name, phone, note: "x" });
    const { id } = await shop.call(name, "queued");
    await page.goto(`${shop.url}/calls/${id}/cancel`);
    await page.getByLabel("Reason").fill("solved by mail");
    return id;
  };
  const early = await asked("#7301", number(731));
  await page.getByRole("button", { name: "Cancel the call" }).click();
  expect(await seen(page.getByRole("status"))).toBe("The call is canceled.");
  expect((await openCall(early)).status).toBe("canceled");

  const late = await asked("#7302", number(732));
  shop.simulator.setFaults({ latency_ms: 4_000 });
  await resume();
  await shop.call("#7302", "dialing");
  await page.getByRole("button", { name: "Cancel the call" }).click();
  const refused = await seen(page.getByRole("alert"));
  expect(refused).toMatch(/^Nothing was done\. .*dialing/);
  expect(await page.getByLabel("Reason").inputValue()).toBe("solved by mail");
  await expectSound(anna);
  shop.simulator.setFaults({ latency_ms: 0 });
  expect((await shop.call("#7302", "ended")).id).toBe(late);
  expect([shop.rings(number(731)).length, shop.rings(number(732)).length]).toEqual([0, 1]);
}, 60_000);

test("A session that ends in the middle of the form loses neither the selection nor the reason.", async () => {
  const ids = await held("#7401", "#7402");
  const { page, context, token } = anna;
  await fillDecision(page, ["#7401", "#7402"], "Cancel", "a long reason, typed by hand");
  const other = await context.newPage();
  await other.goto(`${shop.url}/calls`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.waitForURL(/signin/);
  await other.close();
  await page.getByRole("button", { name: "Decide…" }).click();
  await atPage(page, "Your session has ended");
  await sendToken(page, token);
  await page.getByRole("button", { name: "Send it" }).click();
  await atPage(page, "Cancel these 2 calls?");
  expect(await seen(page.locator("main"))).toContain("a long reason, typed by hand");
  await page.getByRole("button", { name: "Cancel 2 calls" }).click();
  await atPage(page, "2 of 2 canceled");
  expect((await openCall(ids[1] ?? "")).status).toBe("canceled");
});

test("Without a script the queue is decided the same way, and a form without a decision keeps what was typed.", async () => {
  const plain = await person({ shop, browser }, "Carla", ["calls:read", "calls:write"], false);
  await held("#7501");
  await fillDecision(plain.page, [], "Cancel", "typed before");
  await plain.page.getByRole("button", { name: "Decide…" }).click();
  expect(await seen(plain.page.getByRole("alert"))).toContain("Select a call first.");
  expect(await plain.page.getByLabel("Reason", { exact: true }).last().inputValue()).toBe("typed before");
  // A text of the call lacks a value, so it cannot ring as it was shown: the refusal says so, call by call.
  await fillDecision(plain.page, ["#7501"], "Release", "it is fine");
  await plain.page.getByRole("button", { name: "Decide…" }).click();
  await plain.page.getByRole("button", { name: "Release the call" }).click();
  await atPage(plain.page, "0 of 1 released");
  expect(await seen(plain.page.locator("main"))).toMatch(/Refused: 1\n+#7501: .*missing/);
  await fillDecision(plain.page, ["#7501"], "Cancel", "then not");
  await plain.page.getByRole("button", { name: "Decide…" }).click();
  await plain.page.getByRole("button", { name: "Cancel the call" }).click();
  await atPage(plain.page, "1 of 1 canceled");
  expect(plain.complaints).toEqual([]);
  await plain.context.close();
}, 60_000);

test("An event shows its changes and payload as text, and is replayed with a reason; a masked reader sees no value.", async () => {
  await shop.send({ name: "#7601", id: 7601, phone: number(761), note: "first" });
  await shop.call("#7601", "ended");
  const { eventId } = await shop.send({ name: "#7601", id: 7601, phone: number(761), note: hostile });
  await shop.until(
    () => shop.calls("order_number=7601"),
    (calls) => calls.length === 2,
  );
  const { page } = anna;
  await page.goto(`${shop.url}/orders?order_number=7601`);
  await page.locator(`.order-steps a[href="/events/${eventId}"]`).first().click();
  await page.waitForURL("**/events/*");
  const change = page.locator(".changed-fields > div").filter({ hasText: "note" });
  expect(await seen(change)).toContain(`"<img src=x onerror=\\"document.title='owned'\\">⟨U+202E⟩gnp"`);
  await page.getByText("Body as text").click();
  expect(await seen(page.getByRole("region", { name: "Body" }))).toContain("<img src=x onerror=");
  expect([await page.locator("main img").count(), await page.title()]).toEqual([0, "Event orders/updated · Hookline"]);
  await expectSound(anna);

  await page.getByRole("link", { name: "Replay…" }).click();
  await page.getByLabel("Reason").fill("the customer asked for it");
  await page.getByRole("button", { name: "Replay the event" }).click();
  expect(await seen(page.getByRole("alert"))).toContain("The replay would make no call.");
  await expectSound(anna);
  await page.getByLabel("Call the customer even if").check();
  await page.getByRole("button", { name: "Replay the event" }).click();
  await page.waitForURL(`**/events/${eventId}?did=replayed`);
  expect(await shop.calls("order_number=7601")).toHaveLength(3);

  await bob.page.goto(`${shop.url}/events/${eventId}`);
  const masked = await seen(bob.page.locator("main"));
  expect(masked).toContain("note");
  expect(masked).toContain("pii:read");
  for (const value of ["onerror", number(761).slice(2)]) expect(masked).not.toContain(value);
  await expectSound(bob);
}, 90_000);

test("A reader without calls:write sees no button, and each of their writes is answered 403.", async () => {
  const [id = ""] = await held("#7701");
  const reader = await person({ shop, browser }, "Dora", ["calls:read"]);
  await reader.page.goto(`${shop.url}/review`);
  const queue = reader.page.locator("#queue");
  expect(await seen(queue)).toContain("#7701");
  expect(await seen(queue)).not.toContain(number(7701).slice(2));
  expect(await reader.page.locator("main :is(input, button):not(.filter *)").count()).toBe(0);
  await expectSound(reader);
  const { event_id } = (await shop.calls("order_number=7701"))[0] ?? { event_id: "" };
  for (const [path, form] of [
    ["/review/assign", { take: id }],
    ["/review/decide", { call: id, decision: "cancel", reason: "x", confirmed: "yes" }],
    [`/events/${event_id}/replay`, { reason: "x" }],
  ] as const) {
    const answer = await reader.context.request.post(shop.url + path, { form, headers: { origin: shop.url } });
    expect([path, answer.status()]).toEqual([path, 403]);
  }
  expect((await openCall(id)).status).toBe("held");
  expect(reader.complaints).toEqual([]);
});
