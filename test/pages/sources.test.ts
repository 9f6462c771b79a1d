import { expect, test } from "vitest";
import { emptyWorld, eventRow, minuteMs, pagesNowMs, readPage, sourceRow } from "./world.ts";

const heard = (source: string, more: object = {}) => ({
  ...{
    source,
    firstAt: pagesNowMs - 60 * minuteMs,
    lastAt: pagesNowMs - minuteMs,
    lastRejectionAt: null,
    events: 12,
    more: false,
    waiting: 0,
    fetchWaiting: 0,
    busiest: null,
    fetchNextAt: null,
  },
  ...more,
});
const silent = { firstAt: null, lastAt: null, events: 0 };

test("The list of sources says of each whether it is heard from, paused, disconnected or needs a look.", async () => {
  const world = emptyWorld();
  world.sources.push(
    sourceRow({ slug: "good" }),
    sourceRow({ slug: "new" }),
    sourceRow({ slug: "halted", pausedAt: pagesNowMs, pauseDetail: "moving" }),
    sourceRow({ slug: "closed", disconnectedAt: pagesNowMs }),
    sourceRow({ slug: "without-secret", secrets: [] }),
  );
  world.heard.push(heard("good"), heard("new", silent), heard("halted"), heard("closed"), heard("without-secret"));
  const { status, html } = await readPage(world, "/sources");
  expect(status).toBe(200);
  const rows = [...html.matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) => row.replace(/<[^>]*>/g, " ").replace(/\s+/g, " "));
  const row = (slug: string) => rows.find((one) => one.includes(` ${slug} `));
  expect(row("good")).toContain("heard from");
  expect(row("new")).toContain("no event yet");
  expect(row("halted")).toContain("paused");
  expect(row("closed")).toContain("disconnected");
  expect(row("without-secret")).toContain("see its warnings");
});

test("A source without an event yet says where to send its webhooks; one that is paused, since when and what waits.", async () => {
  const world = emptyWorld();
  world.publicUrl = "https://hooks.acme.example";
  world.sources.push(sourceRow({ pausedAt: pagesNowMs, pauseDetail: "the shop is moving" }));
  world.heard.push(heard("acme-orders", { ...silent, waiting: 7, fetchWaiting: 0, busiest: null, fetchNextAt: null }));
  const { html } = await readPage(world, "/sources/acme-orders");
  expect(html).toContain("https://hooks.acme.example/in/acme-orders");
  expect(html).toContain("No event has arrived yet");
  expect(html).toContain("the shop is moving");
  expect(html).toContain("7 events wait");
});

test("A source in trouble says since when and what to do, once: no warning repeats it.", async () => {
  const world = emptyWorld();
  const silentFor = { silentAfter: "4h", silentAfterAt: 0, silentSince: pagesNowMs - 5 * 3_600_000 };
  world.sources.push(sourceRow({ ...silentFor, rejectingSince: pagesNowMs - 60_000 }));
  world.heard.push(heard("acme-orders", { ...silent, lastRejectionAt: pagesNowMs }));
  const list = (await readPage(world, "/sources")).html;
  expect(list).toContain("refuses most requests, silent");
  const { html } = await readPage(world, "/sources/acme-orders");
  expect(html.match(/Most requests to a source are refused/g)).toHaveLength(1);
  expect(html).toContain("hookline rejections acme-orders");
  expect(html.match(/accepted no new event for longer/g)).toHaveLength(1);
  expect(html).not.toContain("All requests so far were refused");
  expect(html).not.toContain("No event has arrived yet");
});

test("A source shows its newest events, and why requests were refused, to whoever may look; its secrets' names to administrators only.", async () => {
  const world = emptyWorld();
  world.sources.push(sourceRow());
  world.heard.push(heard("acme-orders"));
  world.events.push(eventRow({ type: "orders/edited" }));
  world.rejections.push({
    id: "r",
    at: pagesNowMs,
    code: "signature_wrong",
    detail: "No secret verifies it.",
    headers: [],
    bodyBytes: 1,
  });
  const { html } = await readPage(world, "/sources/acme-orders");
  for (const text of ["orders/edited", "signature wrong", "No secret verifies it.", "12 events"])
    expect(html).toContain(text);
  expect(html).not.toContain("SHOPIFY_SECRET");
  const open = (await readPage(world, "/sources/acme-orders", "token-of-eve")).html;
  expect(open).toContain("SHOPIFY_SECRET");
  for (const slug of ["nowhere", "%00", "a%00b", "acme-orders%0A"])
    expect([slug, (await readPage(world, `/sources/${slug}`)).status]).toEqual([slug, 404]);
  for (const path of ["/sources", "/sources/acme-orders"])
    expect((await readPage(world, path, "token-of-zap")).status).toBe(403);
});

test.each(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])(
  "Whatever a source holds is text: %s",
  async (text) => {
    const world = emptyWorld();
    const rule = {
      ...{ source: text, name: text, version: 1, position: 0, createdAt: 0, createdBy: text },
      definition: { line: text, number: text, about: text },
    };
    world.sources.push(
      sourceRow({
        slug: "acme-orders",
        preset: text,
        tenant: text,
        pausedAt: 0,
        pauseDetail: text,
        rules: [rule],
        secrets: [
          {
            ...{ id: text, env: text, fingerprint: text, kid: text },
            createdAt: 0,
            expiresAt: pagesNowMs + 1,
            captured: false,
            rotated: false,
          },
        ],
      }),
    );
    world.heard.push(heard("acme-orders"));
    world.events.push(eventRow({ type: text, orderNumber: text, reason: text }));
    world.rejections.push({ id: text, at: 0, code: text, detail: text, headers: [text], bodyBytes: 1 });
    for (const path of ["/sources", "/sources/acme-orders"]) {
      const { status, html } = await readPage(world, path, "token-of-eve");
      expect([path, status]).toEqual([path, 200]);
      expect(html).not.toContain(text);
      expect(html).not.toMatch(/<script(?! defer=)|<img|<[^>]*\sonerror/i);
    }
  },
);
