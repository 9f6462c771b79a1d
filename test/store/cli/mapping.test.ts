/** `hookline preview`, `diff` and `rehearse`, as a person types them. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import { runHookline } from "../../command-line.ts";
import { served } from "../world/served.ts";
import { service, type TestService } from "../world/service.ts";

let api: TestService;
let server: Awaited<ReturnType<typeof served>>;
let token: string;
const dir = mkdtempSync(join(tmpdir(), "hookline-mapping-"));
const write = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

const document = (greeting = "Hello {{ data.customer.first_name }}.") => `
lines:
  support: { agent: 32d8fc98-be1e-4d32-a12e-146f397fb1cb2, countries: [US] }
sources:
  acme:
    preset: shopify
    tenant: acme.myshopify.com
    secrets: [{ env: ACME_SECRET }]
    country: US
    order_number: "{{ data.name }}"
    rules:
      - name: call-me
        mode: shadow
        on: [orders/updated]
        when: double(data.total_price) > 100.0 && "call-me" in data.tags.split(", ")
        line: support
        number: "{{ data.phone }}"
        about: |
          The customer is {{ data.customer.first_name }}.
          They wrote: {{ data.note | default: "nothing" }}
        greeting: "${greeting}"
`;
const order = {
  id: 1,
  name: "#1001",
  tags: "call-me",
  total_price: "250.00",
  phone: "(415) 555-0100",
  customer: { first_name: "Zebulina" },
};
const payload = write("payload.json", JSON.stringify(order));
const topic = ["--header", "X-Shopify-Topic=orders/updated"];

beforeAll(async () => {
  api = await service({ webhooks: webhooks(createSealer(makeKeySets().SEALING_KEYS)) });
  token = await api.token("admin", "pii:read");
  server = await served(api);
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
  await api.close();
});

const hookline = (...args: string[]) =>
  runHookline(args, { HOOKLINE_URL: server.url, HOOKLINE_TOKEN: token, ACME_SECRET: "shpss_0123456789abcdef" });

describe("hookline diff", () => {
  it("says line by line what applying would change, ends with 1 where something would, and changes nothing", async () => {
    const file = write("hookline.yaml", document());
    const fresh = await hookline("diff", file);
    expect([fresh.code, fresh.out]).toEqual([
      1,
      "+ line support\n+ source acme\n+ secret acme/ACME_SECRET\n+ rule acme/call-me",
    ]);
    expect((await api.ask("GET", "/v1/sources/acme")).status).toBe(404);
    expect((await hookline("apply", file)).code).toBe(0);
    expect(await hookline("diff", file)).toMatchObject({ code: 0, out: "nothing differs" });
    const changed = document("Good day {{ data.customer.first_name }}.").replace("They wrote:", "They say:");
    const { code, out } = await hookline("diff", write("changed.yaml", changed));
    expect([code, out]).toEqual([
      1,
      [
        "~ rule acme/call-me",
        "    about:",
        "        The customer is {{ data.customer.first_name }}.",
        '      - They wrote: {{ data.note | default: "nothing" }}',
        '      + They say: {{ data.note | default: "nothing" }}',
        "    greeting:",
        "      - Hello {{ data.customer.first_name }}.",
        "      + Good day {{ data.customer.first_name }}.",
      ].join("\n"),
    ]);
  });

  it("tells a mistake at its place, and wants one file", async () => {
    const broken = write("broken.yaml", document("{{ data.x | nope }}"));
    const { code, said } = await hookline("diff", broken);
    expect([code, said]).toEqual([1, expect.stringMatching(/broken\.yaml:\d+:\d+ .*nope/)]);
    expect((await hookline("diff")).code).toBe(2);
    expect((await hookline("diff", join(dir, "none.yaml"))).said).toContain("cannot be read");
  });
});

describe("hookline preview", () => {
  it("says of a payload what each rule would do, what it read and what it would say", async () => {
    const { code, out } = await hookline("preview", "acme", "--file", payload, ...topic);
    expect(code).toBe(0);
    expect(out).toContain("event orders/updated, #1001");
    expect(out).toContain("call-me (shadow, looked at as if live): would call +14155550100 (US) by support, at once");
    expect(out).toContain('number "(415) 555-0100": +14155550100');
    expect(out).toContain("about: The customer is «Zebulina».\n           They wrote: nothing");
    expect(out).toContain('read data.customer.first_name for about, greeting: "Zebulina"');
    expect(out).toContain("note: data.note is missing, empty or a placeholder such as N/A, so about uses its default.");
  });

  it("says why not: the part of the condition, the first field that is broken", async () => {
    const cheap = write("cheap.json", JSON.stringify({ ...order, total_price: "1" }));
    const no = await hookline("preview", "acme", "--file", cheap, ...topic);
    expect(no.out).toContain(
      "no call: The rule's condition is false.\n    when is false: double(data.total_price) > 100.0",
    );
    const nameless = write("nameless.json", JSON.stringify({ ...order, customer: {} }));
    const held = await hookline("preview", "acme", "--file", nameless, ...topic);
    expect(held.out).toContain("broken first: about at data.customer.first_name (placeholder");
    expect((await hookline("preview", "acme", "--file", payload, "--type", "orders/paid")).out).toContain(
      "no call: The rule's `on` does not name this type.",
    );
  });

  it("tries the rules of a file that are not applied, and tells their mistakes at their place", async () => {
    const file = write("other.yaml", document("Good day {{ data.customer.first_name }}."));
    const { out } = await hookline(
      "preview",
      "acme",
      "--file",
      payload,
      ...topic,
      "--rules",
      file,
      "--rule",
      "call-me",
    );
    expect(out).toContain("greeting: Good day Zebulina.");
    const broken = await hookline(
      "preview",
      "acme",
      "--file",
      payload,
      "--rules",
      write("bad.yaml", document("{{ data.x | nope }}")),
    );
    expect([broken.code, broken.said]).toEqual([1, expect.stringMatching(/bad\.yaml:\d+:\d+ .*nope/)]);
    expect((await hookline("preview", "other", "--file", payload, "--rules", file)).said).toContain(
      "no rules of a source",
    );
  });

  it.each<[string, string[]]>([
    ["no source", ["preview", "--file", payload]],
    ["neither payload nor event", ["preview", "acme"]],
    ["both", ["preview", "acme", "--file", payload, "--event", randomUUID()]],
    ["a header without a value", ["preview", "acme", "--file", payload, "--header", "X"]],
    ["a number that is none", ["rehearse", "acme", "--last", "many"]],
    ["a rehearsal of no source", ["rehearse"]],
  ])("refuses %s", async (_, args) => {
    expect((await hookline(...args)).code).toBe(2);
  });

  it("ends with 1 where there is no such event", async () => {
    expect(await hookline("preview", "acme", "--event", randomUUID())).toMatchObject({ code: 1, out: "" });
  });
});

describe("hookline rehearse", () => {
  it("reports in one sentence, shows what would be said, and of a changed file only what would change", async () => {
    for (const [index, phone] of ["+14155550101", "+14155550101", ""].entries())
      await api.sql`insert into events (id, source, dedupe_key, type, received_at, headers, body, body_hash, state, reason, planned_at)
        values (${randomUUID()}, 'acme', ${randomUUID()}, 'orders/updated', now() - ${10 - index} * interval '1 minute', '{}',
          ${JSON.stringify({ ...order, phone })}, 'h', 'ignored', 'no_rule_matched', now())`;
    const { code, out } = await hookline("rehearse", "acme", "--last", "10", "--texts");
    expect(code).toBe(0);
    expect(out).toContain("2 calls, 1 customer twice, 1 without a number (3 events, ");
    expect(out).toContain("  call-me: 2 would ring, 1 no_number");
    expect(out).toContain("+14155550101 rings\n  about: The customer is «Zebulina».");
    const file = write("greets.yaml", document("Good day {{ data.customer.first_name }}."));
    const changed = await hookline("rehearse", "acme", "--days", "1", "--rules", file);
    expect(changed.out).toContain("Calls: 2 changed. 2 calls");
    expect(changed.out).toContain("  greeting:\n    - Hello Zebulina.\n    + Good day Zebulina.");
    expect(changed.out).not.toContain("about:");
    const same = await hookline("rehearse", "acme", "--rules", write("hookline.yaml", document()));
    expect(same.out).toContain("Nothing would change.");
  });
});
