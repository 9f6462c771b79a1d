// `npm run bench -- --pages`: the pages for people at very many calls, beside the same at few.
import { gzipSync } from "node:zlib";
import type { Bundle } from "../../dev/stack/bundle.ts";
import type { ClusterInfo } from "../../dev/stack/cluster.ts";
import { launchBrowser } from "../../test/browser.ts";
import { median, mediansOf, portOf, type Times, timesOf } from "../load/load.ts";
import { callsPerOrder, fillCalls } from "../lookup/fill.ts";
import type { Row } from "../report/report.ts";
import { type Hookline, startHookline } from "../subjects/hookline.ts";
import { startPool } from "../subjects/pool.ts";

const p50MaxMs = 30;
const wireBytesMax = 60 * 1024;
const paintMaxMs = 300;
const suggestedP95MaxMs = 50;

/** A page, with its address for an order from 0 on. */
type Subject = { readonly what: string; readonly path: (order: number) => string };

const subjects: readonly Subject[] = [
  { what: "calls", path: () => "/calls" },
  { what: "calls that ended", path: () => "/calls?status=ended" },
  { what: "calls of a line that wait", path: () => "/calls?line=desk&status=queued" },
  { what: "order", path: (order) => `/orders?order_number=${order}` },
  { what: "call", path: (order) => `/calls/${idOf(order)}` },
  { what: "event", path: (order) => `/events/${idOf(order)}` },
  { what: "review", path: () => "/review" },
  { what: "sources", path: () => "/sources" },
  { what: "source", path: () => "/sources/shop" },
  { what: "lines", path: () => "/lines" },
  { what: "hooks", path: () => "/hooks" },
  { what: "health", path: () => "/health" },
  { what: "people", path: () => "/people" },
];
const suggestions: Subject = { what: "suggestions", path: (order) => `/find/suggestions?q=${order}` };

/** The id that the generator gives to the first call of an order, and to its event. */
function idOf(order: number): string {
  return `${(order * callsPerOrder).toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

export type PagesSize = {
  readonly few: number;
  readonly many: number;
  readonly rounds: number;
  readonly views: number;
};
type PageMeasured = {
  readonly what: string;
  readonly few: Times;
  readonly many: Times;
  /** At as many calls, if each request signs in at Postgres. */
  readonly unpooled: Times;
  readonly ratio: number;
  readonly bytes: number;
};
export type PagesMeasured = {
  readonly pages: readonly PageMeasured[];
  readonly paintMs: number;
  readonly paintBareMs: number;
};

type Side = {
  /** The Worker's port, and its port if each of its requests signs in at Postgres. */
  readonly port: number;
  readonly unpooledPort: number;
  readonly token: string;
  readonly cookie: string;
  readonly orders: number;
};

/**
 * Fills two installations of one cluster and opens each page of both by turns, one at a time, signed in with all scopes.
 * Their Workers reach Postgres by a pool of open connections, as by Hyperdrive; a further Worker of the many signs in for each request.
 */
export async function measurePages(
  cluster: ClusterInfo,
  bundle: Bundle,
  size: PagesSize,
  say: (words: string) => void,
): Promise<PagesMeasured> {
  const sides: Side[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const calls of [size.few, size.many]) {
      const began = performance.now();
      const hookline = await startHookline(cluster, bundle);
      undo.push(hookline.stop);
      await fillCalls(cluster, hookline.ownerUrl, calls);
      const pool = await startPool(hookline.databaseUrl);
      undo.push(pool.stop);
      const worker = await hookline.serve(pool.url);
      undo.push(worker.stop);
      const ports = { port: portOf(worker.url), unpooledPort: hookline.port };
      sides.push({ ...ports, ...(await signedIn(hookline)), orders: Math.floor(calls / callsPerOrder) });
      say(`  ${calls} calls filled in ${Math.round((performance.now() - began) / 1000)} s`);
    }
    const [few, many] = sides;
    if (few === undefined || many === undefined) throw new Error("two installations are needed");
    const pages: PageMeasured[] = [];
    for (const subject of [...subjects, suggestions]) pages.push(await inTurns(subject, few, many, size));
    const paints = await measurePaint(many, size.rounds);
    return { pages, ...paints };
  } finally {
    for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
  }
}

async function inTurns(subject: Subject, few: Side, many: Side, { rounds, views }: PagesSize): Promise<PageMeasured> {
  const found: { few: Times; many: Times; unpooled: Times }[] = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const times: { few: number[]; many: number[]; unpooled: number[] } = { few: [], many: [], unpooled: [] };
    for (let nth = 0; nth < views; nth++) {
      times.few.push((await open(subject, few, few.port)).ms);
      times.unpooled.push((await open(subject, many, many.unpooledPort)).ms);
      const seen = await open(subject, many, many.port);
      times.many.push(seen.ms);
      bytes = Math.max(bytes, seen.bytes);
    }
    // The first round warms both sides up.
    if (round > 0)
      found.push({ few: timesOf(times.few), many: timesOf(times.many), unpooled: timesOf(times.unpooled) });
  }
  return {
    what: subject.what,
    few: mediansOf(found.map((of) => of.few)),
    many: mediansOf(found.map((of) => of.many)),
    unpooled: mediansOf(found.map((of) => of.unpooled)),
    ratio: median(found.map((of) => of.many.p50Ms / of.few.p50Ms)),
    bytes,
  };
}

/** Opens a page for an order by chance. @returns milliseconds to its last byte, and its gzipped size */
async function open(
  { what, path }: Subject,
  { cookie, orders }: Side,
  port: number,
): Promise<{ ms: number; bytes: number }> {
  const url = `http://127.0.0.1:${port}${path(Math.floor(Math.random() * orders))}`;
  const began = performance.now();
  const answer = await fetch(url, { headers: { cookie, accept: "text/html" }, redirect: "manual" });
  const text = await answer.text();
  const ms = performance.now() - began;
  if (answer.status !== 200)
    throw new Error(`the page of ${what} was answered with ${answer.status}: ${text.slice(0, 300)}`);
  return { ms, bytes: gzipSync(text).byteLength };
}

/** @returns a token, and the cookie of its session */
async function signedIn({ ask, port }: Hookline): Promise<Pick<Side, "token" | "cookie">> {
  const scopes = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"];
  const { token } = await ask("POST", "/v1/tokens", { name: "bench pages", scopes, days: 1 });
  const origin = `http://127.0.0.1:${port}`;
  const answer = await fetch(`${origin}/signin`, {
    method: "POST",
    headers: { origin, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ token: String(token), next: "/" }),
    redirect: "manual",
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
  if (answer.status !== 303 || cookie === undefined) throw new Error(`signing in was answered with ${answer.status}`);
  return { token: String(token), cookie };
}

/** First contentful paint of the calls in a browser with an empty cache, beside that of a page with one word. */
async function measurePaint({ port, token }: Side, rounds: number): Promise<{ paintMs: number; paintBareMs: number }> {
  const origin = `http://127.0.0.1:${port}`;
  const browser = await launchBrowser();
  try {
    const paint = async (path: string): Promise<number> => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${origin}/signin`);
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL((url) => url.pathname !== "/signin");
      await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
      await page.goto(origin + path, { waitUntil: "load" });
      // A text, because the types of a browser are not those of a Worker.
      const ms = await page.evaluate<number>(`new Promise((found) => new PerformanceObserver((list) => {
        for (const { name, startTime } of list.getEntries()) if (name === "first-contentful-paint") found(startTime);
      }).observe({ type: "paint", buffered: true }))`);
      await context.close();
      return ms;
    };
    const times = { page: [] as number[], bare: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const [page, bare] = [await paint("/calls"), await paint("/healthz")];
      if (round === 0) continue;
      times.page.push(page);
      times.bare.push(bare);
    }
    return { paintMs: median(times.page), paintBareMs: median(times.bare) };
  } finally {
    await browser.close();
  }
}

/** @returns the rows of the table */
export function pageRows({ pages, paintMs, paintBareMs }: PagesMeasured, { few, many }: PagesSize): Row[] {
  const rows = pages.flatMap(({ what, few: before, many: now, unpooled, ratio, bytes }): Row[] => {
    const isTyped = what === suggestions.what;
    const shown = (times: Times) => (isTyped ? times.p95Ms : times.p50Ms);
    const reached = shown(now);
    return [
      {
        what: `${what}: milliseconds at ${many} calls, ${isTyped ? "p95" : "p50"}`,
        goal: isTyped ? `≤ ${suggestedP95MaxMs}` : `≤ ${p50MaxMs}`,
        measured: `${reached.toFixed(1)} (p50 ${ratio.toFixed(2)} × that at ${few}, ${before.p50Ms.toFixed(1)}); ${shown(unpooled).toFixed(1)} without a pool; ${(bytes / 1024).toFixed(1)} KiB gzipped`,
        ok: reached <= (isTyped ? suggestedP95MaxMs : p50MaxMs) && bytes <= wireBytesMax,
      },
    ];
  });
  return [
    ...rows,
    {
      what: "first paint of the calls, empty cache",
      goal: `< ${paintMaxMs} ms`,
      measured: `${Math.round(paintMs)} ms (${Math.round(paintBareMs)} of a page with one word)`,
      ok: paintMs < paintMaxMs,
    },
  ];
}
