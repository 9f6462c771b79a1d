/**
 * `npm run screenshots`: every page in every state, at 1280 and 360 px, light and dark, into `test/screenshots/`. Each is checked with
 * axe, for horizontal overflow, for complaints of the console and for requests to another origin. The last lines sum it up.
 *
 * Options, each a comma-separated list: `--state`, `--page` (names of table.ts, `calls-id` for `/calls/:id`), `--width`, `--scheme`.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import type { TokenScope } from "../../cli/install/mint-token.ts";
import { startStack } from "../../dev/stack/stack.ts";
import { launchBrowser } from "../browser.ts";
import type { Addressed } from "../pages/table.ts";
import { type State, seeder, states } from "./seed.ts";
import { shownPages } from "./table.ts";

const folder = fileURLToPath(new URL("../screenshots/", import.meta.url));
const { values } = parseArgs({
  options: {
    state: { type: "string" },
    page: { type: "string" },
    width: { type: "string" },
    scheme: { type: "string" },
  },
});
const chosen = (name: keyof typeof values, all: readonly string[]): readonly string[] =>
  values[name]?.split(",") ?? all;
const wantedStates = chosen("state", [...states, "masked"]);
const wantedPages = values.page?.split(",") ?? null;
const widths = chosen("width", ["1280", "360"]);
const schemes = chosen("scheme", ["light", "dark"]);

type Look = { readonly base: string; readonly token: string; readonly label: string; readonly seeded: Addressed };

let made = 0;
const complaints: string[] = [];

const stack = await startStack();
const browser = await launchBrowser();
const seeds = await seeder(stack);
try {
  const last = Math.max(
    ...wantedStates.map((state) => (state === "masked" ? states.indexOf("many") : states.indexOf(state as State))),
  );
  for (const state of states.slice(0, last + 1)) {
    const seeded = await seeds.reach(state);
    const look = { base: stack.url, seeded };
    if (wantedStates.includes(state)) await lookAt(browser, { ...look, token: stack.token, label: state });
    if (state === "many" && wantedStates.includes("masked")) {
      const scopes: readonly TokenScope[] = ["calls:read", "calls:write", "hooks:write"];
      await lookAt(browser, { ...look, token: await stack.tokenFor(scopes), label: "masked" });
    }
  }
} finally {
  seeds.close();
  await browser.close();
  await stack.stop();
}
console.log(`\n${made} screenshots in test/screenshots/, ${complaints.length} complaints`);
for (const complaint of complaints) console.log(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;

/** Takes every page once for each width and scheme. */
async function lookAt(browser: Browser, { base, token, label, seeded }: Look): Promise<void> {
  mkdirSync(`${folder}${label}`, { recursive: true });
  for (const width of widths)
    for (const scheme of schemes) {
      const context = await browser.newContext({
        viewport: { width: Number(width), height: 900 },
        colorScheme: scheme === "dark" ? "dark" : "light",
        timezoneId: "Europe/Berlin",
      });
      const page = await context.newPage();
      let at = "";
      const complain = (text: string) => void complaints.push(`${label} ${at} ${width} ${scheme}: ${text}`);
      page.on("pageerror", (error) => complain(error.message));
      page.on("console", (message) => {
        // The browser itself reports each page that is answered with 4xx.
        if (!message.text().startsWith("Failed to load resource")) complain(message.text());
      });
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== base) complain(`asked for ${request.url()}`);
      });
      await page.goto(`${base}/signin`);
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL((url) => url.pathname !== "/signin");
      for (const { name, path } of shownPages(seeded).filter(({ name }) => wantedPages?.includes(name) ?? true)) {
        at = name;
        const answer = await page.goto(base + path);
        const status = answer?.status() ?? 0;
        if (status >= 400 && name !== "not-found" && label !== "masked") complain(`answered ${status}`);
        await check(page, complain);
        await page.screenshot({ path: `${folder}${label}/${name}-${width}-${scheme}.png`, fullPage: true });
        made++;
      }
      await context.close();
    }
}

async function check(page: Page, complain: (text: string) => void): Promise<void> {
  const [wide, inner] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
  if (wide > inner) complain(`${wide} px wide`);
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, nodes } of violations)
    complain(
      `axe ${id}: ${nodes
        .slice(0, 2)
        .map(({ target }) => target.join(" "))
        .join("; ")}`,
    );
}
