import { test } from "vitest";
import { launchBrowser } from "../browser.ts";
import { livelyWorld } from "./sample.ts";
import { serve } from "./serve.ts";
import { emptyWorld, nowMs, pagesOf } from "./world.ts";
test("shots", async () => {
  const world = livelyWorld();
  world.readiness.pausedLines.push({ line: "support-de", reason: "unauthenticated", detail: null, since: nowMs - 600000 });
  const empty = emptyWorld();
  const b = await launchBrowser();
  const s = await serve((r) => pagesOf(world).fetch(r));
  const e = await serve((r) => pagesOf(empty).fetch(r));
  for (const [name, opts] of [["light", { viewport: { width: 1200, height: 800 }, colorScheme: "light" }], ["dark", { viewport: { width: 1200, height: 800 }, colorScheme: "dark" }], ["phone", { viewport: { width: 375, height: 720 }, colorScheme: "light" }]] as const) {
    const c = await b.newContext(opts);
    const p = await c.newPage();
    const shot = (n: string) => p.screenshot({ path: `/tmp/shots/${name}-${n}.png`, fullPage: true });
    await p.goto(s.url);
    await shot("signin");
    await p.getByLabel("Token").fill("nope"); await p.getByRole("button", { name: "Sign in" }).click();
    await shot("refused");
    await p.getByLabel("Token").fill(name === "phone" ? "token-of-bob" : "token-of-ada"); await p.getByRole("button", { name: "Sign in" }).click();
    await shot("home");
    await p.goto(`${s.url}/?order_number=12345`); await shot("order");
    await p.goto(`${s.url}/?order_number=99`); await shot("none");
    await p.goto(`${s.url}/calls/${world.calls[2]!.id}`); await shot("call");
    await p.goto(`${s.url}/calls/${world.calls[4]!.id}`); await shot("held");
    await p.goto(`${s.url}/calls/x`); await shot("404");
    const w = await p.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    console.log(name, w);
    await p.goto(e.url); await p.getByLabel("Token").fill("token-of-ada"); await p.getByRole("button", { name: "Sign in" }).click(); await shot("empty");
  }
  await b.close(); await s.close(); await e.close();
}, 120000);
