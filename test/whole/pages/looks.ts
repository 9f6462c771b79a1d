/** Looks at a page as a browser does, and says everything that is wrong with it. */
import { gzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** Most bytes of a page with its own files, compressed as Cloudflare sends them. */
const bytesMax = 61_440;

/** Widths in CSS pixels: a window, the same at 200 % zoom, a phone. */
const widths = [1_280, 640, 360] as const;

/** Installed in each page before its own script. */
const watchShifts = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput)
        globalThis.shifts.push(entry.value.toFixed(4) + " " + entry.sources.map(({ node }) => node && (node.id || node.className || node.nodeName)).join(" "));
  }).observe({ type: "layout-shift", buffered: true });`;

/** Elements and attributes that no page has: each could only have come from a text. */
const strange = `(() => {
  const found = [];
  const links = /^(?:href|src|action|formaction|xlink:href|data|poster|srcset|ping|hx-(?:get|post|put|patch|delete))$/;
  for (const element of document.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (/^(?:img|iframe|object|embed|base|template|audio|video|style|foreignobject|animate|set)$/.test(tag)) found.push("<" + tag + ">");
    if (tag === "script" && !element.src.startsWith(location.origin + "/assets/")) found.push("<script>");
    for (const { name, value } of element.attributes) {
      if (/^(?:on|hx-on|style$|srcdoc$)/.test(name)) found.push(tag + " " + name);
      if (!links.test(name)) continue;
      const url = new URL(value, location.href);
      if (url.origin !== location.origin && !(tag === "a" && url.protocol === "https:")) found.push(tag + " " + name + "=" + value);
    }
  }
  return found;
})()`;

/** Text that the server sent, against the text once the script has run. */
const mainText = (source: string) => `(() => {
  const main = (${source}).querySelector("main").cloneNode(true);
  for (const part of main.querySelectorAll(".live-state")) part.remove();
  return main.textContent.replace(/\\s+/g, " ").trim();
})()`;

export type Looker = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Everything that was wrong, each with its address. */
  readonly complaints: string[];
  /** Opens a page and looks at it from all sides. Returns its text. */
  look(path: string): Promise<string>;
  /** Opens a page and looks only for what a text could have made of it. */
  glance(path: string): Promise<string>;
};

/** Signs in, and looks at pages from then on. */
export async function looker(browser: Browser, base: string, token: string): Promise<Looker> {
  const context = await browser.newContext({ viewport: { width: widths[0], height: 900 }, timezoneId: "UTC" });
  await context.addInitScript(watchShifts);
  const page = await context.newPage();
  const complaints: string[] = [];
  let at = "";
  let loaded = 0;
  const complain = (text: string) => void complaints.push(`${at}: ${text}`);
  page.on("console", (message) => complain(message.text()));
  page.on("pageerror", (error) => complain(error.message));
  page.on("dialog", (dialog) => {
    complain(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== base && protocol !== "data:") complain(`asked for ${request.url()}`);
  });
  await enter(page, base, token);
  for (const { url } of await page.evaluate<{ url: string }[]>(
    `performance.getEntriesByType("resource").map(({ name }) => ({ url: name }))`,
  ))
    loaded += gzipSync(await (await context.request.get(url)).body()).length;

  async function glance(path: string): Promise<string> {
    at = path;
    const answer = await page.goto(base + path);
    if (answer?.status() !== 200) complain(`answered ${answer?.status()}`);
    const html = (await answer?.text()) ?? "";
    const bytes = gzipSync(html).length + loaded;
    if (bytes > bytesMax) complain(`${bytes} bytes`);
    for (const one of await page.evaluate<string[]>(strange)) complain(one);
    const sent = `new DOMParser().parseFromString(${JSON.stringify(html)}, "text/html")`;
    const [text, without] = await page.evaluate<[string, string]>(`[${mainText("document")}, ${mainText(sent)}]`);
    if (text !== without) complain("the script changed its text");
    return text;
  }

  async function look(path: string): Promise<string> {
    const text = await glance(path);
    // Two frames later everything that the script adds has been drawn.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    for (const shift of await page.evaluate<string[]>("globalThis.shifts")) complain(`shifted ${shift}`);
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      // Only contrasts differ between the schemes.
      const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
      const { violations } = await (scheme === "light" ? axe : axe.withRules(["color-contrast"])).analyze();
      for (const { id, nodes } of violations)
        complain(
          `axe ${scheme} ${id}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join("; ")}`,
        );
    }
    await page.emulateMedia({ colorScheme: "light" });
    for (const width of widths.slice(1)) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      if (wide > width) complain(`${wide} px wide at ${width} px`);
    }
    await page.setViewportSize({ width: widths[0], height: 900 });
    return text;
  }

  return { context, page, complaints, look, glance };
}

/** Signs a page in by its form. */
export async function enter(page: Page, base: string, token: string): Promise<void> {
  await page.goto(`${base}/signin`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/signin");
}
