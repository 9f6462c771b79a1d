/** Every page in a real browser, with hostile texts in every value that others can set. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../browser.ts";
import { nastyTexts } from "../../fuzz/hostile.ts";
import { addressOf, pageRows } from "../../pages/table.ts";
import { openShop, type Shop } from "../shop.ts";
import { type Looker, looker } from "./looks.ts";
import { type SeededShop, seedPages } from "./seed.ts";

/** Texts that try to become elements, attributes, addresses, or instructions of htmx and of templates. */
const markup = [
  "\"><img src=x onerror=alert(1)>'",
  "</title></textarea><script>alert(1)</script><!--",
  "javascript:alert(1)//",
  "\" autofocus onfocus=alert(1) hx-get=/signout hx-trigger=load hx-on::load=alert(1) x='",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text that wants to be a template.
  "{{ constructor.constructor('alert(1)')() }}{% raw %}${alert(1)}#{7*7}<%= 7 %>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s>&lt;b&gt;",
  "W".repeat(180),
];
const hidden = "\u202egnp.lia\u202c \u2066x\u2069 \u200b \u001b[31m «quoted» `code`";
const header = "\"><img src=x onerror=alert(1)><a href=javascript:alert(1)>'";

let shop: Shop;
let browser: Browser;
let seeded: SeededShop;
let admin: Looker;

beforeAll(async () => {
  [shop, browser] = await Promise.all([
    openShop({
      mihu: { call_ms: 100 },
      rule: { burst: { calls: 100, in: "10m" } },
      vars: { LINK_HOSTS: "media.mihu.example" },
    }),
    launchBrowser(),
  ]);
  const orders = [...markup, hidden, ...nastyChunks()];
  const name = markup.slice(0, 3).join(" ").slice(0, 90);
  const reason = [hidden, ...markup].join(" ").slice(0, 290);
  seeded = await seedPages(shop, { orders, name, reason, open: reason, header });
  admin = await looker(browser, shop.url, shop.token);
}, 120_000);
afterAll(async () => {
  await seeded?.close();
  await browser?.close();
  await shop?.stop();
});

/** Texts of the fuzz tests, several in one value. */
function nastyChunks(): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < nastyTexts.length; at += 12)
    chunks.push(
      nastyTexts
        .slice(at, at + 12)
        .map((text) => text.slice(0, 60))
        .join(" ")
        .slice(0, 190),
    );
  return chunks;
}

test("Every page is accessible in light and in dark, asks only its own origin, fits a phone and 200 % zoom, never shifts, is small, and the same without its script.", async () => {
  const pages = Object.entries(pageRows).filter(([route, { is }]) => route.startsWith("GET ") && is === undefined);
  const paths = pages.map(([route]) => addressOf(route, seeded));
  const other = await looker(browser, shop.url, shop.token);
  // Two pages at a time: most of the time goes into axe, within the browser.
  const lookers = [admin, other].map(async (one) => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) await one.look(path);
  });
  await Promise.all(lookers);
  expect([...admin.complaints, ...other.complaints]).toEqual([]);
}, 240_000);

test("No text of a sender or a person becomes an element, an attribute or an address, on any page and in any state.", async () => {
  const seen: string[] = [];
  for (const path of seeded.states) seen.push(await admin.glance(path));
  expect(admin.complaints).toEqual([]);
  const all = seen.join("\n");
  expect(markup.filter((text) => !all.includes(text))).toEqual([]);
  // Characters that hide or reorder text are shown as their code points.
  expect(all).toContain("⟨U+202E⟩");
  expect([..."\u202e\u202c\u2066\u2069\u200b\u001b"].filter((char) => all.includes(char))).toEqual([]);
}, 120_000);
