/** hookline.yaml through `npm run hookline`, against the whole. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { root } from "../../../cli/local/paths.ts";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";

/** The example of the design, unchanged. */
const example = `# hookline.yaml: \`npm run hookline -- apply hookline.yaml\` makes the service look like this
lines:
  support-en: { agent: 32d8fc98-be1e-4d32-a12e-146f397fb1cb2, calls_per_minute: 10, calls_at_once: 3, calls_per_day: 500,
                countries: [US, CA], hours: { days: mon-sat, from: "09:00", to: "20:00", closed: [2026-12-25] } }
sources:
  acme-orders:
    preset: shopify
    tenant: acme.myshopify.com            # whose events these are, where one key signs for many
    secrets: [{ env: SHOPIFY_SECRET }]
    country: US
    order_number: "{{ data.name }}"       # on the source: every event can be found by it, called or not
    record: { type: order, id: "{{ data.id }}" }
    rules:                                # in order; the first that matches wins, unless a later one says \`also: true\`
      - name: call-me
        mode: live                        # off | shadow (the default: decides, rings nobody) | test (rings test_number) | live
        on: [orders/updated]
        when: '"call-me" in data.tags.split(", ") && double(data.total_price) > 100.0'
        withdraw: data.cancelled_at != null
        once_per: { key: "{{ data.id }}", in: 30d }
        line: support-en
        number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"]      # the first that can be rung
        about: |
          The customer is {{ data.customer.first_name }} {{ data.customer.last_name }}. Their order number is {{ data.name }}.
          They wrote: {{ data.note | default: "nothing" | truncate: 300 }}
        prompt: { text: "You are Michael from support. Find out how the customer wants it solved.", overwrite: false }
        greeting: Hello {{ data.customer.first_name }}, this is Acme about your order.
        zone: "{{ data.customer.time_zone }}"
        expires: 4h                       # in open hours: what nobody could place by then is not placed at all
        burst: { calls: 50, in: 10m }     # more is held for one click: a bulk edit must not ring five thousand people
        try_again: { on: [no_answer, busy], after: [2h, 1d] }
`;
const shopSecret = "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";

let stack: Stack;
const dir = mkdtempSync(join(tmpdir(), "hookline-apply-"));

beforeAll(async () => {
  stack = await startStack({ cluster: inject("cluster") });
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await stack?.stop();
});

/** Runs what \`npm run hookline --\` runs. */
async function hookline(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, "dev/run.mjs"), "cli/main.ts", ...args], {
    cwd: dir,
    env: { ...process.env, HOOKLINE_URL: stack.url, HOOKLINE_TOKEN: stack.token, SHOPIFY_SECRET: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, said]: [string[], string[]] = [[], []];
  child.stdout.on("data", (part) => void out.push(String(part)));
  child.stderr.on("data", (part) => void said.push(String(part)));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, out: out.join("").trimEnd(), said: said.join("").trimEnd() };
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

/** The line and column of a text in the example with a replacement made. */
function placeOf(text: string, part: string): string {
  const before = text.slice(0, text.indexOf(part)).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const config = async () => await (await stack.api("/v1/config")).text();

describe("before anything is changed", () => {
  test.each([
    ["order/updated", "did you mean `orders/updated`?"],
    ["orders.updated", "did you mean `orders/updated`?"],
    ["customer.created", "none of the topics of Shopify"],
  ])("a rule that waits for %s is warned about, by line and column", async (topic, advice) => {
    const text = example.replace("on: [orders/updated]", `on: [${topic}]`);
    const ran = await hookline(["apply", file("w.yaml", text), "--dry-run"], { SHOPIFY_SECRET: shopSecret });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.said).toContain(`w.yaml:${placeOf(text, topic)} warning: \`${topic}\` is none of the topics of Shopify`);
    expect(ran.said).toContain(advice);
  });

  test("a secret that the file holds itself is warned about, and not repeated", async () => {
    const text = example.replace("{ env: SHOPIFY_SECRET }", shopSecret);
    const ran = await hookline(["apply", file("w.yaml", text), "--dry-run"]);
    expect(ran.said).toContain(`w.yaml:${placeOf(text, shopSecret)} warning: the secret is written out`);
    expect(ran.said + ran.out).not.toContain(shopSecret);
  });

  test.each([
    "michael",
    "YOUR-AGENT-ID",
    "https://app.mihu.ai/agents/32d8fc98",
    "32d8fc98be1e4d32a12e146f397fb1cb2",
    "' '",
  ])("the agent %s is refused together with what else is wrong, and nothing is changed", async (agent) => {
    const before = await config();
    const text = example.replace(/agent: [\w-]+/, `agent: ${agent}`).replace("country: US", "country: XX");
    const ran = await hookline(["apply", file("w.yaml", text)], { SHOPIFY_SECRET: shopSecret });
    expect(ran.code).toBe(1);
    expect(ran.said).toContain(`w.yaml:${placeOf(text, agent)} must be`);
    expect(ran.said).toContain("2 mistakes: nothing was changed");
    expect(await config()).toBe(before);
  });
});

// In order: the service begins empty, takes the example, and is then asked for changes of it.
describe("the file of the design", () => {
  test("says on a dry run what it would change, and changes nothing", async () => {
    const before = await config();
    const ran = await hookline(["apply", file("a.yaml", example), "--dry-run"], { SHOPIFY_SECRET: shopSecret });
    expect(ran).toEqual({
      code: 0,
      said: "",
      out: [
        "+ line support-en",
        "+ source acme-orders",
        "+ secret acme-orders/SHOPIFY_SECRET",
        "+ rule acme-orders/call-me",
        "4 to change, 0 as they are",
      ].join("\n"),
    });
    expect(await config()).toBe(before);
  });

  test("is refused without its secret, which nobody has given yet", async () => {
    const ran = await hookline(["apply", file("a.yaml", example)]);
    expect(ran.code).toBe(1);
    expect(ran.said).toContain(
      "a.yaml:9:15 has no value: set the environment variable SHOPIFY_SECRET, because no secret is stored under that name",
    );
    expect(JSON.parse(await config())).toEqual({ lines: {}, sources: {}, hooks: [] });
  });

  test("applies, and applied again changes nothing", async () => {
    const first = await hookline(["apply", file("a.yaml", example)], { SHOPIFY_SECRET: shopSecret });
    expect([first.code, first.out.endsWith("\napplied")]).toEqual([0, true]);
    const line = JSON.parse(await (await stack.api("/v1/lines/support-en")).text());
    // Thirteen digits at the end, as Mihu writes it: no UUID, and taken as it is.
    expect(line).toMatchObject({ agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2", hours: { closed: ["2026-12-25"] } });
    const again = await hookline(["apply", file("a.yaml", example)], { SHOPIFY_SECRET: shopSecret });
    expect(again.out).toBe("nothing to change (4 as they are)");
  });

  test("comes back from an export as a file that applies to no change and exports to the same bytes, without a secret", async () => {
    const exported = await hookline(["export"]);
    expect(exported.code).toBe(0);
    expect(exported.out).not.toContain(shopSecret);
    const ran = await hookline(["apply", file("b.yaml", exported.out)]);
    expect([ran.code, ran.out]).toEqual([0, "nothing to change (4 as they are)"]);
    expect((await hookline(["export"])).out).toBe(exported.out);
  });

  test("shows a change field by field, and makes exactly that one", async () => {
    const wider = example.replace("calls_per_minute: 10", "calls_per_minute: 12").replace("expires: 4h", "expires: 6h");
    const ran = await hookline(["apply", file("c.yaml", wider)]);
    expect(ran.out).toContain("~ line support-en\n    calls_per_minute: 10 → 12\n");
    expect(ran.out).toContain('~ rule acme-orders/call-me\n    expires: "4h" → "6h"\n');
    expect(ran.out).toContain("2 to change, 2 as they are");
    const rules = JSON.parse(await (await stack.api("/v1/sources/acme-orders/rules")).text());
    expect(rules.data).toMatchObject([{ name: "call-me", version: 2, mode: "live", expires: "6h" }]);
  });
});

test("A rule that does not say its mode decides in shadow.", async () => {
  const quiet = `${example}      - name: quiet
        line: support-en
        number: "{{ data.phone }}"
        about: Quiet.
`;
  const ran = await hookline(["apply", file("d.yaml", quiet)]);
  expect(ran.out).toContain("+ rule acme-orders/quiet");
  const rule = JSON.parse(await (await stack.api("/v1/sources/acme-orders/rules/quiet")).text());
  expect([rule.mode, rule.version]).toEqual(["shadow", 1]);
});

describe("a mistake", () => {
  /** Line and column at which a text begins in the example. */
  const place = (yaml: string, text: string) => {
    const lines = yaml.split("\n");
    const index = lines.findIndex((line) => line.includes(text));
    return `${index + 1}:${(lines[index]?.indexOf(text) ?? -1) + 1}`;
  };

  test.each<[string, string, string, (broken: string) => string, RegExp]>([
    [
      "an unknown field of a rule",
      "        expires:",
      "        expirse:",
      (yaml) => place(yaml, "expirse"),
      /unknown field "expirse"/,
    ],
    [
      "an unknown field of a line",
      "calls_at_once: 3",
      "calls_at_onse: 3",
      (yaml) => place(yaml, "calls_at_onse"),
      /unknown field "calls_at_onse"/,
    ],
    [
      "an unknown field of a source",
      "    country: US",
      "    contry: US",
      (yaml) => place(yaml, "contry"),
      /unknown field "contry"/,
    ],
    ["a condition (CEL) that ends too early", '.split(", ") &&', '.split(", " &&', () => "17:85", /expected RPAREN/],
    [
      "a condition (CEL) of a name that is none",
      "data.cancelled_at != null",
      "dta.cancelled_at != null",
      (yaml) => place(yaml, "dta."),
      /dta/,
    ],
    [
      "a text (Liquid) with a filter that is none",
      "| truncate: 300",
      "| trunkate: 300",
      (yaml) => place(yaml, "trunkate"),
      /trunkate/,
    ],
    [
      "a text (Liquid) that is not closed",
      "They wrote: {{ data.note |",
      "They wrote: {{ data.note } |",
      (yaml) => place(yaml, " | default"),
      /expected/,
    ],
    [
      "a text (Liquid) with a tag that is not allowed",
      "They wrote:",
      "{% include 'x' %}They wrote:",
      (yaml) => place(yaml, "{% include"),
      /include/,
    ],
    [
      "a line that does not exist",
      "line: support-en\n",
      "line: support-fr\n",
      (yaml) => place(yaml, "support-fr"),
      /there is no line "support-fr"/,
    ],
    [
      "a duration that is none",
      "expires: 4h",
      "expires: 4 hours",
      (yaml) => place(yaml, "4 hours"),
      /a whole number and a unit/,
    ],
    [
      "YAML that says a thing twice",
      "    country: US\n",
      "    country: US\n    country: CA\n",
      (yaml) => place(yaml, "country: CA"),
      /unique/,
    ],
  ])("%s is told by file, line, column and reason, and nothing is changed", async (_, right, wrong, where, reason) => {
    expect(example).toContain(right);
    const broken = example.replace(right, wrong);
    const before = await config();
    const ran = await hookline(["apply", file("wrong.yaml", broken)]);
    const [told = ""] = ran.said.split("\n").filter((line) => line.includes("wrong.yaml"));
    expect([ran.code, told.replace(/^.*wrong\.yaml:(\d+:\d+) .*$/, "$1")]).toEqual([1, where(broken)]);
    expect(told).toMatch(reason);
    expect(ran.said).toContain("1 mistake: nothing was changed");
    expect(await config()).toBe(before);
  });
});

test("Without a good token nothing is told and nothing is changed; the token itself is never repeated.", async () => {
  const token = await stack.tokenFor(["calls:read"]);
  for (const [given, status] of [
    [token, 403],
    ["not-a-token", 401],
  ] as const) {
    const ran = await hookline(["apply", file("e.yaml", example)], { HOOKLINE_TOKEN: given });
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.said).toContain(`${status}`);
    expect(ran.said).not.toContain(given);
  }
});

test("A file without a rule cancels the calls that wait for it, and says how many before and after.", async () => {
  const rules = `    rules:
      - { name: call-them, mode: live, line: support-en, number: "{{ data.phone }}", about: "Order {{ data.id }}." }
`;
  const head = `lines:
  support-en: { agent: 32d8fc98-be1e-4d32-a12e-146f397fb1cb2, countries: [US] }
sources:
  waits:
    preset: bearer
    secrets: ["a-secret-of-this-test-alone"]
    country: US
`;
  expect((await hookline(["apply", file("waits.yaml", head + rules)])).code).toBe(0);
  await stack.api("/v1/lines/support-en/pause", { method: "POST", json: { reason: "so that calls wait" } });
  const sent = await fetch(`${stack.url}/in/waits`, {
    method: "POST",
    headers: { authorization: "Bearer a-secret-of-this-test-alone", "content-type": "application/json" },
    body: JSON.stringify({ id: "1", type: "order.opened", phone: "+14155550123" }),
  });
  expect(sent.status).toBe(202);
  const waiting = async () =>
    ((await (await stack.api("/v1/calls?source=waits&status=queued")).json()) as { data: unknown[] }).data.length;
  while ((await waiting()) === 0);
  const none = file("none.yaml", `${head}    rules: []\n`);
  expect((await hookline(["apply", none, "--dry-run"])).out).toContain(
    "would cancel 1 waiting call of the rule waits/call-them",
  );
  expect((await hookline(["apply", none, "--dry-run", "--keep-waiting"])).out).toContain(
    "kept: 1 waiting call of the rule waits/call-them will still ring",
  );
  expect((await hookline(["apply", none, "--keep-waiting"])).out).toContain("kept: 1 waiting call");
  expect(await waiting()).toBe(1);
  // The rule is gone, and the same file still ends the call that was kept.
  const again = await hookline(["apply", none]);
  expect(again.out).toContain("nothing to change");
  expect(again.out).toContain("canceled 1 waiting call of the rule waits/call-them");
  expect(await waiting()).toBe(0);
});
