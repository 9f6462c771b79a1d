/** Questions of a support agent that the pages answer by themselves. */

import { describe, expect, test } from "vitest";
import { wholeDays } from "../../src/pages/forms/day-filter.tsx";
import type { CallRow, Wait } from "../../src/ports/lookups/calls.ts";
import { callRow, emptyWorld, entryRow, minuteMs, pagesNowMs, readPage, unplacedCall } from "./world.ts";

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ");

async function pageOf(call: CallRow, token = "token-of-mia"): Promise<string> {
  const world = emptyWorld();
  world.calls.push(call);
  return (await readPage(world, `/calls/${call.id}`, token)).html;
}

test.each<[string, string]>([
  ["outside_hours", "The call waits for its line's next calling hours."],
  ["next_try", "The rule waits between two tries."],
  ["asked_later", "The call was asked for at a later time."],
  ["not_due", "The call is due later, and the reason was not recorded."],
  ["number_busy", "The call waits for the end of another call to the same number."],
  ["in_turn", "The call is due, and its line takes it in turn."],
])("A call that waits (%s) names one cause, on its own page and on its order's.", async (reason, said) => {
  const waits: Wait = { reason, detail: null, since: null, until: pagesNowMs + 30 * minuteMs };
  const call = unplacedCall({ status: "queued", waits, dueAt: pagesNowMs + 30 * minuteMs });
  expect(textOf(await pageOf(call))).toContain(said);
  const world = emptyWorld();
  world.calls.push(call);
  expect(textOf((await readPage(world, "/orders?order_number=12345")).html)).toContain(said);
});

describe("A call that is held because a text lacks a value", () => {
  const held = unplacedCall({
    ...{ status: "held", reason: "placeholder", source: "acme-orders", rule: "call-me" },
    detail: {
      field: "greeting",
      path: "data.customer.first_name",
      problem: "placeholder",
      detail: "the value is missing",
    },
  });

  test("says which text lacks which field, and the steps after which it can ring.", async () => {
    const html = await pageOf(held);
    expect(textOf(html)).toContain(
      "The greeting reads data.customer.first_name, which gives no text for this event: the value is missing.",
    );
    expect(html).toContain('href="/sources/acme-orders/rules/call-me/edit"');
    expect(html).toContain(`href="/calls/${held.id}/release"`);
    expect(html).toContain(`href="/events/${held.eventId}"`);
  });

  test("offers nothing that its reader may not open.", async () => {
    const html = await pageOf(held, "token-of-bob");
    expect(textOf(html)).toContain("The greeting reads data.customer.first_name");
    expect(textOf(html)).toContain("Ask an administrator to mend the rule.");
    expect(html).not.toContain("/rules/call-me/edit");
    expect(html).not.toContain(`/calls/${held.id}/release`);
  });
});

test("A call of which it is unknown whether it rang says when Hookline looks it up next.", async () => {
  const pollAt = pagesNowMs + 2 * minuteMs;
  const unknown = unplacedCall({ status: "unknown", reason: "timed_out", claimedAt: pagesNowMs, pollAt });
  const html = await pageOf(unknown);
  expect(html).toMatch(/Next look-up at Mihu<\/dt><dd><time datetime="2026-11-23T15:35:07.000Z"/);
  expect(await pageOf(callRow({ pollAt }))).not.toContain("Next look-up at Mihu");
});

describe("The gate that stops a call", () => {
  const call = unplacedCall({ status: "skipped", reason: "suppressed" });
  const world = emptyWorld();
  world.calls.push(call);
  const at = pagesNowMs - minuteMs;
  world.verdicts.push(
    { at, gate: "countries", verdict: "pass", inputs: {} },
    { at, gate: "hours", verdict: "pass", inputs: {} },
    { at, gate: "suppression", verdict: "stop", inputs: {} },
  );
  world.entries.push(entryRow(call.id, "skipped", { at: at + 1, reason: "suppressed" }));
  const rule = `<a href="/sources/acme-orders/rules/call-me">`;

  test.each([`/calls/${call.id}`, "/orders?order_number=12345"])(
    "stands outside of the disclosure of the others, with its rule as a link (%s).",
    async (path) => {
      const { html } = await readPage(world, path);
      const closed = [...html.matchAll(/<details.*?<\/details>/gs)].map(([text]) => text).join("");
      expect(closed).toContain("May the line ring this country?");
      expect(closed).not.toContain("Is the number suppressed?");
      const stop = html.slice(html.indexOf("Is the number suppressed?"));
      expect(stop.slice(0, 400)).toContain(rule);
    },
  );
});

describe("The navigation", () => {
  const count = /Review<span class="count">([\d+]+)<span class="unseen"> calls wait for a person/;

  test.each([
    ["token-of-mia", 7, "7"],
    ["token-of-mia", 500, "99+"],
    ["token-of-mia", 0, null],
    ["token-of-mia", new Error("too slow"), null],
    // A reader who may not decide.
    ["token-of-ada", 7, null],
  ] as const)("of %s has the number of calls to review: %s is %s.", async (token, toReview, shown) => {
    const { status, html } = await readPage({ ...emptyWorld(), toReview }, "/calls", token);
    expect(status).toBe(200);
    expect(count.exec(html)?.[1] ?? null).toBe(shown);
  });

  test("marks Health above the checks of receipts, which its pages lead to.", async () => {
    const { html } = await readPage(emptyWorld(), "/receipts/check", "token-of-mia");
    expect(html).toContain('<a href="/health" aria-current="page">');
    expect(html).not.toContain('<a href="/people" aria-current="page">');
  });
});

test("A notice links to a hook only for who may open it.", async () => {
  const id = "00000000-0000-4000-8000-00000000beef";
  const world = emptyWorld();
  world.readiness.problems.push({
    ...{ code: "hook_disabled", since: pagesNowMs, count: 1 },
    rows: [`hooks.acme.example (hook ${id})`],
  });
  expect((await readPage(world, "/calls", "token-of-mia")).html).toContain(`href="/hooks/${id}"`);
  const { html } = await readPage(world, "/calls", "token-of-ada");
  expect(html).toContain("hooks.acme.example");
  expect(html).not.toContain("/hooks/");
});

test("No link of a page stands in another link: a step of an order that names a page is a link by itself.", async () => {
  const call = unplacedCall({ status: "queued", reason: "line_paused" });
  const world = emptyWorld();
  world.calls.push(call);
  world.entries.push(entryRow(call.id, "queued", { actor: "line:support-en", reason: "line_paused" }));
  for (const path of ["/orders?order_number=12345", `/calls/${call.id}`]) {
    const { html } = await readPage(world, path, "token-of-mia");
    expect(html).toContain(
      "The page Health</a> has the reason".replace("</a>", path.startsWith("/calls") ? "</a>" : ""),
    );
    expect([...html.matchAll(/<a [^>]*>((?!<\/a>).)*<a /gs)]).toEqual([]);
  }
});

test.each([
  ["from=2026-11-01&to=2026-11-30", "from=2026-11-01T00:00:00.000Z&to=2026-12-01T00:00:00.000Z"],
  ["to=2024-02-29", "to=2024-03-01T00:00:00.000Z"],
  ["from=2026-02-31&to=2026-02-31", "from=2026-02-31&to=2026-02-31"],
  ["from=yesterday&to=0&type=a", "from=yesterday&to=0&type=a"],
  ["to=2026-11-30T12:00:00Z", "to=2026-11-30T12:00:00Z"],
])("The days of a filter are whole, and the API is left to refuse anything else: %s.", (asked, wanted) => {
  expect(decodeURIComponent(wholeDays(new URLSearchParams(asked), "UTC").toString())).toBe(wanted);
});

test("The days of a filter are those of the reader's zone.", () => {
  const asked = new URLSearchParams("from=2026-03-29&to=2026-03-29");
  expect(Object.fromEntries(wholeDays(asked, "Europe/Berlin"))).toEqual({
    from: "2026-03-28T23:00:00.000Z",
    to: "2026-03-29T22:00:00.000Z",
  });
});
