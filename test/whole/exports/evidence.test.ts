/** Evidence bundles: made by the running product, and verified from a file in a real Chromium without a network. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeJwt } from "jose";
import type { Browser } from "playwright-core";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { createSigner } from "../../../src/platform/sign.ts";
import { launchBrowser } from "../../browser.ts";
import { environmentOf, runHookline } from "../../command-line.ts";
import { type Call, line, listenForOutcomes, number, openShop, type Shop, source } from "../shop.ts";
import { download } from "./download.ts";
import { fillCalls } from "./fill.ts";
import { unzip } from "./unzip.ts";

let shop: Shop;
let browser: Browser;
let owner: postgres.Sql;
let call: Call;
let other: Call;
let bundle: Map<string, string>;
const dir = mkdtempSync(join(tmpdir(), "hookline-evidence-"));

const evidence = (order: string, token = shop.token) =>
  download(`${shop.url}/v1/orders/evidence?order_number=${encodeURIComponent(order)}`, token);

beforeAll(async () => {
  [shop, browser] = await Promise.all([openShop({ mihu: { call_ms: 200 } }), launchBrowser()]);
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await listenForOutcomes(shop);
  const customer = { first_name: "Zebulina</script><b>", last_name: "Nguyen" };
  await shop.send({ name: "#8001", phone: number(801), customer });
  call = await shop.call("#8001", "ended");
  await shop.send({ name: "#8002", phone: number(802), customer });
  other = await shop.call("#8002", "ended");
  bundle = await linkedBundle("8001");
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await owner?.end({ timeout: 1 });
  await shop?.stop();
  rmSync(dir, { recursive: true, force: true });
});

let folders = 0;
/** Unpacks a bundle. @returns its folder */
function unpack(files: ReadonlyMap<string, string>): string {
  const at = join(dir, String(folders++));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
  return at;
}

/** Opens a bundle's page from its file, without a network. @returns its verdict, its lines, and what it asked for or complained about */
async function opened(files: ReadonlyMap<string, string>, given: readonly string[] = []) {
  const at = unpack(files);
  const context = await browser.newContext({ offline: true });
  try {
    const page = await context.newPage();
    const strange: string[] = [];
    page.on("request", (request) => request.url().startsWith("file:") || strange.push(request.url()));
    page.on("console", (message) => message.type() === "error" && strange.push(message.text()));
    page.on("pageerror", (error) => strange.push(error.message));
    await page.goto(pathToFileURL(join(at, "verify.html")).href);
    await page.locator("#verdict.good, #verdict.bad").waitFor();
    const lines = (selector: string) => page.locator(selector).allTextContents();
    if (given.length > 0) {
      await page.setInputFiles(
        "#files",
        given.map((name) => join(at, name)),
      );
      await page
        .locator("#given li")
        .nth(given.length - 1)
        .waitFor();
    }
    return {
      verdict: await page.locator("#verdict").textContent(),
      bad: await lines("#checks .bad"),
      good: await lines("#checks .good"),
      notes: await lines("#checks .note"),
      given: await lines("#given li"),
      strange,
    };
  } finally {
    await context.close();
  }
}

const holder = /(<script type="application\/json" id="evidence">)(.*?)(<\/script>)/s;

/** The bundle with another content inside its page. */
function changed(change: (inside: Record<string, string>) => void): Map<string, string> {
  const page = bundle.get("verify.html") ?? "";
  const inside: Record<string, string> = JSON.parse(holder.exec(page)?.[2] ?? "");
  change(inside);
  const data = JSON.stringify(inside).replaceAll("<", "\\u003c");
  return new Map(bundle).set(
    "verify.html",
    page.replace(holder, (_, before, __, after) => before + data + after),
  );
}

/** Signs anew with the service's own key, as somebody does who has stolen it. */
const resigned = async (jws: string, type: string, change: (claims: ReturnType<typeof JSON.parse>) => void) => {
  const claims = decodeJwt(jws);
  change(claims);
  return (await createSigner(shop.keys.RECEIPT_KEYS).sign(type, claims)).jws;
};
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const receiptName = () => `receipts/${call.id}.jws`;
const of = (files: Record<string, string> | ReadonlyMap<string, string>, name: string) =>
  (files instanceof Map ? files.get(name) : (files as Record<string, string>)[name]) ?? "";

test("A bundle has the timeline, a receipt of each call, the keys and the page, and is valid in a browser without a network", async () => {
  expect([...bundle.keys()]).toEqual([
    ...["timeline.json", "timeline.html", receiptName(), "heads.json", "keys.json", "manifest.jws", "verify.html"],
  ]);
  const said = await opened(bundle, ["timeline.html", "timeline.json", receiptName(), "manifest.jws"]);
  expect([said.verdict, said.bad, said.strange]).toEqual(["Valid: 1 receipts and all files are valid.", [], []]);
  expect(said.good.join("\n")).toMatch(
    /Signature by key \S+: the service stated at \S+ that the call is ended, completed/,
  );
  expect(said.good.join("\n")).toMatch(/\d+ entries have their hashes, stand in the chain/);
  expect(said.good).toContain("Number and texts are those that the call's making committed to.");
  expect(said.given).toEqual([
    ...["timeline.html", "timeline.json", `${call.id}.jws`, "manifest.jws"].map(
      (name) => `${name} is as it was signed.`,
    ),
  ]);
});

test("The timeline has events, entries, verdicts and reports, oldest first, and a customer's markup stays text", async () => {
  const { events, calls, steps, masked, more } = JSON.parse(of(bundle, "timeline.json"));
  expect([events.length, calls.length, masked, more]).toEqual([1, 1, false, { calls: false, events: false }]);
  expect([...new Set(steps.map(({ kind }: { kind: string }) => kind))].sort()).toEqual([
    "entry",
    "event",
    "report",
    "verdict",
  ]);
  const times = steps.map(({ at }: { at: string }) => at);
  expect(times).toEqual([...times].sort());
  expect(steps.map(({ action }: { action?: string }) => action)).toEqual(
    expect.arrayContaining(["dialing", "placed", "ended"]),
  );
  expect(of(bundle, "timeline.html")).not.toContain("</script><b>");
  expect(of(bundle, "verify.html").match(/<\/script>/g)).toHaveLength(2);
});

test("The command line writes the bundle, and verifies its receipt with its keys", async () => {
  const out = join(dir, "8001.zip");
  const env = environmentOf(shop);
  expect((await runHookline(["evidence", "#8001", "--out", out], env)).code).toBe(0);
  const at = unpack(unzip(readFileSync(out)));
  const args = [
    "verify-receipt",
    join(at, receiptName()),
    "--jwks",
    join(at, "keys.json"),
    "--heads",
    join(at, "heads.json"),
  ];
  expect(await runHookline(args, {})).toMatchObject({ code: 0, said: expect.stringContaining("the receipt is good") });
});

describe("A bundle is not valid", () => {
  const swapped = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;

  test.each<[string, (inside: Record<string, string>) => void | Promise<void>, RegExp]>([
    [
      "if a byte of a receipt was changed",
      (inside) => {
        inside[receiptName()] = swapped(of(inside, receiptName()), 400);
      },
      /^receipts\/\S+ was changed: its hash is not the signed one\.\nThe receipt is not valid: its signature is not valid/,
    ],
    [
      "if a byte of the timeline was changed",
      (inside) => {
        inside["timeline.json"] = of(inside, "timeline.json").replace("ended", "endec");
      },
      /^timeline\.json was changed: its hash is not the signed one\.$/,
    ],
    [
      "if a head was changed",
      (inside) => {
        inside["heads.json"] = of(inside, "heads.json").replace(/"position":\d+/, '"position":70000');
      },
      /^heads\.json was changed/,
    ],
    [
      "if a byte of the manifest was changed",
      (inside) => {
        inside["manifest.jws"] = swapped(of(inside, "manifest.jws"), 200);
      },
      /^The bundle cannot be verified: the manifest's signature is not valid/,
    ],
    [
      "if the manifest is signed by another key of the same name",
      async (inside) => {
        const [mine] = shop.keys.RECEIPT_KEYS;
        const [key] = makeKeySets().RECEIPT_KEYS;
        if (mine === undefined || key === undefined) throw new Error("there is no key");
        const claims = decodeJwt(of(inside, "manifest.jws"));
        inside["manifest.jws"] = (
          await createSigner([{ ...key, kid: mine.kid }]).sign("hookline-evidence+jws", claims)
        ).jws;
      },
      /^The bundle cannot be verified: the manifest's signature is not valid/,
    ],
    [
      "if the keys are other ones",
      (inside) => {
        inside["keys.json"] = JSON.stringify(createSigner(makeKeySets().RECEIPT_KEYS).jwks);
      },
      /^The bundle cannot be verified: the manifest's signature is not valid/,
    ],
    [
      "if a receipt is missing",
      (inside) => {
        delete inside[receiptName()];
      },
      /^receipts\/\S+ is missing\.\nreceipts\/\S+ is missing\.$/,
    ],
    [
      "if a file was added",
      (inside) => {
        inside["receipts/other.jws"] = of(inside, receiptName());
      },
      /^receipts\/other\.jws is not in the manifest\.$/,
    ],
    [
      "if a receipt is another call's",
      async (inside) => {
        inside[receiptName()] = await (await shop.api(`/v1/calls/${other.id}/receipt`)).text();
      },
      /was changed: its hash is not the signed one\.\nThe receipt is not valid: it is about call/,
    ],
    [
      "if an entry was changed, even if receipt and manifest were signed anew with the service's key",
      async (inside) => {
        const receipt = await resigned(of(inside, receiptName()), "hookline-receipt+jws", ({ pieces }) => {
          const entry = pieces[0].entries.find((one: unknown) => typeof one !== "string");
          entry.actor = "nobody";
        });
        inside[receiptName()] = receipt;
        inside["manifest.jws"] = await resigned(of(inside, "manifest.jws"), "hookline-evidence+jws", ({ files }) => {
          files[receiptName()] = hashOf(receipt);
        });
      },
      /^The receipt is not valid: the entries from position \d+ do not lead to the head that was signed for \d+\.$/,
    ],
    [
      "if number or texts were changed, even if all was signed anew with the service's key",
      async (inside) => {
        const receipt = await resigned(of(inside, receiptName()), "hookline-receipt+jws", ({ content }) => {
          content.number = "+14155550100";
        });
        inside[receiptName()] = receipt;
        inside["manifest.jws"] = await resigned(of(inside, "manifest.jws"), "hookline-evidence+jws", ({ files }) => {
          files[receiptName()] = hashOf(receipt);
        });
      },
      /^The receipt is not valid: its number and texts are not those that the call's entries commit to\.$/,
    ],
  ])("%s", async (_, change, wanted) => {
    const page = bundle.get("verify.html") ?? "";
    const inside: Record<string, string> = JSON.parse(holder.exec(page)?.[2] ?? "");
    await change(inside);
    const said = await opened(
      changed((files) => {
        for (const name of Object.keys(files)) delete files[name];
        Object.assign(files, inside);
      }),
    );
    expect(said.verdict).toMatch(/^NOT VALID: \d checks? failed/);
    expect(said.bad.join("\n")).toMatch(wanted);
  });

  test("if a file beside it was changed: the page says so when it is chosen", async () => {
    const files = new Map(bundle).set("timeline.html", of(bundle, "timeline.html").replace("ended", "endec"));
    expect((await opened(files, ["timeline.html"])).given).toEqual([
      "timeline.html was changed: its hash is not the signed one.",
    ]);
  });
});

test("A bundle for a token without pii:read has no number and no text in any file, says so, and is valid", async () => {
  const { bytes } = await evidence("8001", await shop.tokenFor(["calls:read"]));
  const text = bytes.toString("utf8");
  for (const hidden of [number(801).slice(2), "Zebulina", "Nguyen", "You are Michael"])
    expect(text).not.toContain(hidden);
  expect(of(bundle, "timeline.json")).toContain("Zebulina");
  const blind = unzip(bytes);
  for (const name of ["timeline.json", "timeline.html"]) expect(of(blind, name)).toContain("has no scope pii:read");
  const said = await opened(blind);
  expect(said.verdict).toBe("Valid: 1 receipts and all files are valid.");
  expect(said.notes.join("\n")).toContain("Numbers, texts, summaries, recordings");
  expect(said.notes.join("\n")).toContain("Number and texts are not in this receipt");
});

test("An entry names the order number and the calls, before the first byte", async () => {
  await evidence("#8001");
  const [entry] = await owner`select subject, data from entries where action = 'exported' order by id desc limit 1`;
  expect(entry).toEqual({
    subject: "reading",
    data: { what: "evidence", filter: { order_number: "#8001" }, masked: false, rows_at_most: 1, calls: [call.id] },
  });
});

test("An order that nobody knows has no bundle, and a token without calls:read gets none", async () => {
  expect((await evidence("9999")).status).toBe(404);
  expect((await evidence("8001", await shop.tokenFor(["admin"]))).status).toBe(403);
});

/** The bundle once all entries are in the chain, which any transaction of the server may delay: other tests run beside this one. */
const linkedBundle = (order: string) =>
  shop.until(
    async () => unzip((await evidence(order)).bytes),
    (files) =>
      decodeJwt<{ receipts: { problem: string | null }[] }>(of(files, "manifest.jws")).receipts.every(
        ({ problem }) => problem !== "unlinked",
      ),
  );

test("While a transaction keeps entries out of the chain, a bundle says why a receipt is missing, and made again it has it", async () => {
  let delayed: Map<string, string> | undefined;
  await owner.begin(async (open) => {
    await open`select pg_current_xact_id()`;
    await shop.send({ name: "#8004", phone: number(804) });
    await shop.call("#8004", "ended");
    delayed = unzip((await evidence("8004")).bytes);
  });
  const [receipt] = decodeJwt<{ receipts: { file: string | null; problem: string; why: string }[] }>(
    of(delayed ?? new Map(), "manifest.jws"),
  ).receipts;
  expect(receipt).toMatchObject({ file: null, problem: "unlinked" });
  expect(receipt?.why).toContain("Make the bundle again.");
  expect((await opened(await linkedBundle("8004"))).verdict).toBe("Valid: 1 receipts and all files are valid.");
}, 60_000);

test("A bundle says which call was erased, and is valid", async () => {
  await shop.api("/v1/erasures", { method: "POST", json: { number: number(802), reason: "asked for it" } });
  const files = await linkedBundle("8002");
  expect(of(files, "timeline.html")).toContain(`Number and texts of call ${other.id} were erased at`);
  const said = await opened(files);
  expect(said.verdict).toBe("Valid: 1 receipts and all files are valid.");
  expect(said.notes.join("\n")).toContain("Its number and texts were erased at");
});

test("A bundle has at most 50 calls, says that there are more, and names each call whose row is not proven", async () => {
  await fillCalls(owner, { source, line }, 1, 60);
  await owner`update calls set order_number = '#8003', order_number_key = '8003' where conversation_uuid like 'c-%'`;
  await owner`update events set order_number = '#8003', order_number_key = '8003' where dedupe_key like 'fill-%'`;
  const files = unzip((await evidence("8003")).bytes);
  const manifest = decodeJwt<{ more: object; receipts: { problem: string }[] }>(of(files, "manifest.jws"));
  expect(manifest.more).toEqual({ calls: true, events: true });
  expect(manifest.receipts.map(({ problem }) => problem)).toEqual(Array(50).fill("differs"));
  const said = await opened(files);
  expect(said.verdict).toBe("NOT VALID: 50 checks failed. They are marked below.");
  expect(said.notes).toContain("There are more calls than the newest 50, which are in the bundle.");
  expect(of(files, "timeline.html")).toContain("There are more calls than the newest 50, which are here.");
}, 60_000);
