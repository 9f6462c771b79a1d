import { describe, expect, test } from "vitest";
import { isWallTime, utcOf, wallTime } from "../../src/pages/parts/wall-time.ts";
import {
  callRow,
  emptyWorld,
  eventRow,
  minuteMs,
  pagesNowMs,
  pagesOf,
  readPage,
  signIn,
  unplacedCall,
} from "./world.ts";

test("The newest calls are listed with their status, outcome, order, number, source, rule, line and time.", async () => {
  const world = emptyWorld();
  world.calls.push(callRow());
  const { status, html } = await readPage(world, "/");
  expect(status).toBe(200);
  for (const shown of ["ended", "completed", "#12345", "+14155550100", "acme-orders", "call-me", "support-en"])
    expect(html).toContain(shown);
  expect(html).toContain(
    '<time datetime="2026-11-23T15:28:07.000Z" title="Mon 23 Nov 2026, 15:28:07 UTC">Mon 23 Nov, 15:28:07</time>',
  );
});

test("Without pii:read a number is masked in the list, and the page says why.", async () => {
  const world = emptyWorld();
  world.calls.push(callRow());
  const { html } = await readPage(world, "/", "token-of-bob");
  expect(html).toContain("+1•••••00");
  expect(html).not.toContain("+14155550100");
  expect(html).toContain("pii:read");
});

test("More calls than one page holds are reached by cursor, each once, and the way back leads to the newest.", async () => {
  const world = emptyWorld();
  for (let index = 0; index < 120; index++)
    world.calls.push(callRow({ orderNumber: `order-${index}.`, createdAt: pagesNowMs - index * minuteMs }));
  const seen: string[] = [];
  let path: string | undefined = "/";
  for (let pages = 0; path !== undefined && pages < 5; pages++) {
    const { html } = await readPage(world, path);
    seen.push(...[...html.matchAll(/order-\d+\./g)].map(([order]) => order));
    if (path !== "/") expect(html).toContain('<a href="/calls">Newest</a>');
    path = /rel="next" href="([^"]+)"/.exec(html)?.[1];
  }
  expect(seen).toEqual(world.calls.map(({ orderNumber }) => orderNumber));
});

describe("A time of a filter without a zone is read in the reader's", () => {
  test.each([
    ["2026-07-01T12:00", "Europe/Berlin", "2026-07-01T10:00:00.000Z"],
    // An hour that the clocks leave out is the hour after it.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    ["2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00.000Z"],
    ["2023-10-01T00:00", "America/Asuncion", "2023-10-01T04:00:00.000Z"],
    // Of an hour that they repeat, the first.
    ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
    ["2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00.000Z"],
    ["2026-01-01T00:00", "Asia/Kathmandu", "2025-12-31T18:15:00.000Z"],
  ])("%s in %s is %s", (wall, zone, utc) => {
    expect(isWallTime(wall)).toBe(true);
    expect(utcOf(wall, zone)).toBe(utc);
  });

  test.each(["2026-07-01T12:00", "2026-10-25T02:30", "1950-01-01T00:00", "9000-12-31T23:59"])(
    "and %s is shown again as it was typed",
    (wall) => {
      for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
        expect(wallTime(utcOf(wall, zone), zone)).toBe(wall);
    },
  );
});

test.each([
  "0026-11-01T00:00",
  "+275760-09-13T00:00:00Z",
  "-271821-04-21T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "9999-99-99T99:99Z",
])("A filter by the time %s, which no calendar has, is refused with a sentence.", async (from) => {
  const { status, html } = await readPage(emptyWorld(), `/calls?from=${encodeURIComponent(from)}`);
  expect(status).toBe(422);
  expect(html).toContain('role="alert"');
});

test("A cursor that is none of ours leads to the beginning.", async () => {
  const world = emptyWorld();
  const app = pagesOf(world);
  const response = await app.request("/?cursor=zzz", { headers: { cookie: await signIn(app) } });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/calls"]);
});

test.each([
  ["local", "npm run send"],
  ["production", "Let the CRM send its webhooks"],
] as const)("Where there is no call yet the page says what to do next (%s).", async (mode, hint) => {
  const world = { ...emptyWorld(), mode };
  const { html } = await readPage(world, "/");
  expect(html).toContain("There is no call yet");
  expect(html).toContain(hint);
});

test("An order is answered in one sentence, and two shops that share its number stand apart.", async () => {
  const world = emptyWorld();
  world.calls.push(callRow({ orderNumber: "#1001" }), callRow({ orderNumber: "1001", source: "beta-shop" }));
  const { html } = await readPage(world, "/orders?order_number=%231001");
  expect(html).toMatch(/Yes, twice: Mon 23 Nov, \d\d:\d\d UTC, /);
  const sections = html.split('<section aria-label="Source ').slice(1);
  expect(sections.map((section) => section.split('"')[0])).toEqual(["acme-orders", "beta-shop"]);
  expect(sections[0]).not.toContain("beta-shop");
});

test("Each event of an order is a step of its timeline; one that made no call has its reason in words.", async () => {
  const world = emptyWorld();
  world.events.push(
    eventRow({ type: "orders/paid" }),
    eventRow({ type: "orders/new", state: "unplanned", reason: null }),
    eventRow({ type: "orders/made", state: "planned", reason: null }),
    eventRow({ type: "orders/odd", reason: "unreadable", detail: { detail: "not an object" } }),
  );
  const { html } = await readPage(world, "/orders?order_number=12345");
  expect(html).toContain("No rule&#39;s “Types of events” and “Condition” matched this event.");
  expect(html).toContain("It is not decided yet.");
  expect(html).toContain("not an object");
  expect(html).toContain("acme-orders sent orders/made; it was verified.");
});

test("An order that nobody knows gets a plain answer and what to look at next.", async () => {
  const { html } = await readPage(emptyWorld(), "/orders?order_number=77");
  expect(html).toContain("Nothing is known about 77");
  expect(html).toContain("Look at these next");
});

test("The search keeps what was typed, with a label of its own.", async () => {
  const { html } = await readPage(emptyWorld(), "/orders?order_number=%22%3E%3Cb%3E");
  expect(html).toContain('<label for="q" class="unseen">');
  expect(html).toContain('value="&quot;&gt;&lt;b&gt;"');
});

test("A paused line, a migration that has not run and each gap are named on top, in words.", async () => {
  const world = emptyWorld();
  world.readiness = {
    missingMigrations: ["0002_more.sql"],
    pausedLines: [
      { line: "support-en", reason: "unauthenticated", detail: "token expired", since: pagesNowMs - minuteMs },
    ],
    problems: [
      { code: "event_without_call", since: pagesNowMs - 2 * minuteMs, count: 12, rows: ["first-id", "second-id"] },
    ],
  };
  for (const path of ["/", "/orders?order_number=1"]) {
    const { html } = await readPage(world, path);
    expect(html).toContain("Mihu rejects the token (401).");
    expect(html.replace(/<[^>]+>/g, "")).toContain("“token expired”");
    // The worst stands first, and each says in a word how much it matters.
    expect([...html.matchAll(/<strong>(\w+:)<\/strong>/g)].map(([, word]) => word)).toEqual([
      "Critical:",
      "Error:",
      "Error:",
    ]);
    expect(html).toContain("Mon 23 Nov 2026, 15:32 UTC");
    expect(html).toContain("0002_more.sql");
    expect(html).toContain("A planned event has no call");
    expect(html).toContain("23 Nov 2026, 15:31 UTC");
    expect(html.replace(/<[^>]+>/g, "")).toContain("event first-id, event second-i and 10 more");
  }
});

test("What waits on the inboxes' own disks is said on top, source by source.", async () => {
  const world = emptyWorld();
  world.readiness.problems = [
    { code: "spilled", since: pagesNowMs - 2 * minuteMs, count: 1_205, rows: ["acme-orders", "crm"] },
  ];
  world.spills = [
    { source: "acme-orders", shard: 0, events: 1_204, bytes: 3_250_586, oldestAt: pagesNowMs - 2 * minuteMs },
    { source: "crm", shard: 3, events: 1, bytes: 900, oldestAt: pagesNowMs - minuteMs },
  ];
  const { html } = await readPage(world, "/");
  const text = html.replace(/<[^>]+>/g, "");
  expect(text).toContain("acme-orders: 1,204 events, 3.1 MiB, since Mon 23 Nov 2026, 15:31:07 UTC");
  expect(text).toContain("crm/3: 1 event, 0.0 MiB, since Mon 23 Nov 2026, 15:32:07 UTC");
  expect(text).not.toContain("and 1203 more");
});

test("A queued call on a paused line says so in the list, on its page and in the answer about its order; its texts are not told yet.", async () => {
  const world = emptyWorld();
  const waits = { reason: "paused_by_person", detail: "out for <lunch>", since: pagesNowMs - minuteMs, until: null };
  const call = unplacedCall({ status: "queued", reason: null, waits });
  world.calls.push(call);
  const textOf = async (path: string) => (await readPage(world, path)).html.replace(/<[^>]+>/g, "");
  expect(await textOf("/")).toContain("queuedline paused");
  expect(await textOf("/orders?order_number=12345")).toContain("one waits to be placed (a person paused the line).");
  const page = await textOf(`/calls/${call.id}`);
  expect(page).toContain("A person paused the line. “out for &lt;lunch&gt;” Since Mon 23 Nov 2026, 15:32:07 UTC.");
  expect(page).toContain("The agent will be told");
  expect(page).not.toContain("The agent was told");
});

test("An event that waits for its source says so where it is listed.", async () => {
  const world = emptyWorld();
  const waits = { reason: "source_paused", detail: "audit", since: pagesNowMs - minuteMs, until: null };
  world.events.push(eventRow({ orderNumber: "#77", state: "unplanned", reason: null, waits }));
  const text = (await readPage(world, "/orders?order_number=77")).html.replace(/<[^>]+>/g, "");
  expect(text).toContain("audit");
  expect(text).toMatch(
    /Mon 23 Nov, 15:32:07Decision.*It is not decided yet\. A person paused this source: .+may still change/,
  );
});

test("A call that was decided against shows its reason in the list.", async () => {
  const world = emptyWorld();
  world.calls.push(unplacedCall({ status: "skipped", reason: "no_number", number: null, line: null }));
  const { html } = await readPage(world, "/");
  expect(html).toContain("no number");
});
