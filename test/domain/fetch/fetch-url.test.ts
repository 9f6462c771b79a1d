import { describe, expect, it, test } from "vitest";
import { checkApiBase, leadsAway, urlBelow } from "../../../src/domain/fetch/fetch-url.ts";
import type { PresetApi } from "../../../src/domain/fetch/sender-api.ts";

const anywhere = { hosts: [], local: false };

/** A source's own base, checked for a preset that leaves it open. */
function baseOf(text: string, { hosts, local }: { readonly hosts: readonly string[]; readonly local: boolean }) {
  const preset: PresetApi = { baseUrl: null, hosts, auth: { as: "bearer" }, gets: {} };
  return checkApiBase(preset, { tenant: null, settings: {}, api: { base_url: text } }, local);
}

describe("a base that things are fetched from", () => {
  it.each([
    ["https://api.example-crm.com", "https://api.example-crm.com"],
    ["https://api.example-crm.com/", "https://api.example-crm.com"],
    ["https://API.Example-CRM.com/v2/", "https://api.example-crm.com/v2"],
    ["https://crm.acme.co.uk:8443/odoo", "https://crm.acme.co.uk:8443/odoo"],
    ["https://xn--bcher-kva.ch", "https://xn--bcher-kva.ch"],
    ["https://10times.com", "https://10times.com"],
    ["https://internal.acme.com", "https://internal.acme.com"],
    ["https://mylocal.host", "https://mylocal.host"],
  ])("%s is a public one", (text, base) => {
    expect(baseOf(text, anywhere)).toEqual({ ok: true, base });
  });

  it.each([
    // No name of a host, or no https.
    "",
    "api.acme.com",
    "//api.acme.com",
    "http://api.acme.com",
    "ftp://api.acme.com",
    "file:///etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "https:api.acme.com",
    "https:/api.acme.com",
    "https:///api.acme.com",
    "https://",
    "https://?x",
    // Loopback, in every spelling.
    "https://localhost",
    "https://LOCALHOST",
    "https://localhost.",
    "https://x.localhost",
    "https://127.0.0.1",
    "https://127.0.0.1.",
    "https://127.1",
    "https://0",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://017700000001",
    "https://0177.0.0.1",
    "https://%31%32%37.0.0.1",
    "https://[::1]",
    "https://[::]",
    "https://[0:0:0:0:0:0:0:1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://１２７.0.0.1",
    "https://ⓛocalhost",
    // Private, link-local, unique-local, and the clouds' metadata.
    "https://10.0.0.8",
    "https://172.16.0.1",
    "https://192.168.1.1",
    "https://100.64.0.1",
    "https://169.254.169.254",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://[fd00:ec2::254]",
    "https://[fe80::1]",
    "https://[fe80::1%25eth0]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://metadata",
    "https://metadata.google.internal",
    "https://metadata.google.internal.",
    "https://instance-data.ec2.internal",
    "https://169.254.169.254.nip.io",
    "https://a9fea9fe.sslip.io",
    "https://localtest.me",
    // Public addresses: who serves by one has no certificate that says who they are.
    "https://8.8.8.8",
    "https://[2606:4700::1111]",
    // Names that only a network of somebody's own knows.
    "https://intranet",
    "https://db.internal",
    "https://db.local",
    "https://nas.lan",
    "https://router.home",
    "https://router.home.arpa",
    "https://ad.corp",
    "https://odoo.default.svc",
    "https://odoo.default.svc.cluster.local",
    "https://api.test",
    "https://hidden.onion",
    "https://api.acme.com.",
    // Credentials, and what parsers read in different ways.
    "https://user@api.acme.com",
    "https://user:pass@api.acme.com",
    "https://:@api.acme.com",
    "https://@api.acme.com",
    "https://api.acme.com@127.0.0.1",
    "https://api.acme.com\\@127.0.0.1",
    "https://api.acme.com\\.evil.com",
    "https:\\\\api.acme.com",
    "https://api.acme.com%00.evil.com",
    "https://api.acme.com%2eevil.com:x",
    "https://api.acme.com\t.evil.com",
    "https://api.acme.com\n",
    " https://api.acme.com",
    "https://api.acme.com#x",
    "https://api.acme.com?x=1",
    "https://api.acme.com/../x",
    "https://api.acme.com/%2e%2e/x",
    "https://api.acme.com/%2E./x",
    "https://api.acme.com/a%2fb",
    "https://api.acme.com:99999",
    `https://${"a".repeat(3_000)}.com`,
  ])("%j is refused", (text) => {
    expect(baseOf(text, anywhere)).toEqual({ ok: false, reason: expect.stringMatching(/^[a-z][^\n]+$/) });
  });

  it.each([
    ["https://acme.zendesk.com", true],
    ["https://zendesk.com", false],
    ["https://acme.zendesk.com.evil.com", false],
    ["https://evilzendesk.com", false],
    ["https://acme.zendesk.com:8443", false],
    ["https://api.hubapi.com", true],
    ["https://x.api.hubapi.com", false],
    ["https://api.hubapi.com.", false],
  ])("at a preset's own hosts, %s: %s", (text, ok) => {
    expect(baseOf(text, { hosts: [".zendesk.com", "api.hubapi.com"], local: false }).ok).toBe(ok);
  });

  it.each([
    ["http://127.0.0.1:8080", true],
    ["http://localhost:8080/x", true],
    ["http://[::1]:8080", true],
    ["http://10.0.0.1", false],
    ["http://127.0.0.2", false],
    ["http://localhost.evil.com", false],
    ["http://user@localhost", false],
  ])("of this machine is good on this machine alone, %s: %s", (text, ok) => {
    expect(baseOf(text, { hosts: ["api.hubapi.com"], local: true }).ok).toBe(ok);
    expect(baseOf(text, { hosts: [], local: false }).ok).toBe(false);
  });
});

describe("a path below a base", () => {
  const base = "https://api.acme.com/v2";
  it.each([
    ["/tickets/12", "https://api.acme.com/v2/tickets/12"],
    ["/tickets/12?fields=a,b&x=%20", "https://api.acme.com/v2/tickets/12?fields=a,b&x=%20"],
    ["/a/b_c-d.json", "https://api.acme.com/v2/a/b_c-d.json"],
  ])("%s is asked for as it is", (path, url) => {
    expect(urlBelow(base, path)).toBe(url);
  });

  it.each([
    "",
    "tickets",
    "//evil.com/x",
    "/\\evil.com",
    "\\\\evil.com",
    "/../x",
    "/a/../../x",
    "/%2e%2e/x",
    "/%2E%2e/x",
    "/.%2e/x",
    "/a/./b",
    "/a%2f..%2fb",
    "/a%5cb",
    "/a%00",
    "/a%252e%252e/b",
    "/a//b",
    "/a b",
    "/a\nb",
    "/ä",
    "/a#b",
    "@evil.com/",
    ".evil.com/",
    ":80@evil.com/",
    `/${"a".repeat(3_000)}`,
  ])("%j leads nowhere", (path) => {
    expect(urlBelow(base, path)).toBeNull();
  });
});

describe("where a source's things are fetched from", () => {
  const fixed: PresetApi = {
    baseUrl: "https://api.hubapi.com",
    hosts: ["api.hubapi.com"],
    auth: { as: "bearer" },
    gets: {},
  };
  const named: PresetApi = { ...fixed, baseUrl: "https://{subdomain}.zendesk.com", hosts: [".zendesk.com"] };
  const tenants: PresetApi = { ...fixed, baseUrl: "https://{tenant}", hosts: [".myshopify.com"] };
  const source = { tenant: null, settings: {}, api: null };

  it.each([
    ["the preset's", fixed, source, "https://api.hubapi.com"],
    ["one with a setting", named, { ...source, settings: { subdomain: "acme" } }, "https://acme.zendesk.com"],
    ["one of the tenant", tenants, { ...source, tenant: "acme.myshopify.com" }, "https://acme.myshopify.com"],
    [
      "the source's own",
      undefined,
      { ...source, api: { base_url: "https://crm.acme.com/x" } },
      "https://crm.acme.com/x",
    ],
    [
      "its own at the preset's hosts",
      named,
      { ...source, api: { base_url: "https://x.zendesk.com" } },
      "https://x.zendesk.com",
    ],
  ])("is %s", (_, preset, from, base) => {
    expect(checkApiBase(preset, from, false)).toEqual({ ok: true, base });
  });

  it.each([
    ["a fixed one is said anew", fixed, { ...source, api: { base_url: "https://crm.acme.com" } }],
    ["nobody says it", undefined, source],
    ["the setting is missing", named, source],
    ["the setting is a path", named, { ...source, settings: { subdomain: "evil.com/" } }],
    ["the setting is a user", named, { ...source, settings: { subdomain: "x@evil.com#" } }],
    ["the tenant is missing", tenants, source],
    ["the tenant is somebody else", tenants, { ...source, tenant: "evil.com" }],
    ["the tenant is an address", tenants, { ...source, tenant: "127.0.0.1" }],
    ["its own is not the preset's host", named, { ...source, api: { base_url: "https://zendesk.evil.com" } }],
    ["its own is this machine", undefined, { ...source, api: { base_url: "http://127.0.0.1:1" } }],
  ])("is nowhere where %s", (_, preset, from) => {
    expect(checkApiBase(preset, from, false)).toEqual({ ok: false, reason: expect.any(String) });
  });

  it("may be this machine, on this machine, whatever the preset says", () => {
    const here = { ...source, api: { base_url: "http://127.0.0.1:4000" } };
    expect(checkApiBase(fixed, here, true)).toEqual({ ok: true, base: "http://127.0.0.1:4000" });
    expect(checkApiBase(fixed, here, false).ok).toBe(false);
  });
});

describe("a template of paths that can make none", () => {
  test.each([
    "/a#{{ data.id }}",
    "/../{{ data.id }}",
    "/%2e%2E/{{ data.id }}",
    "/{{ data.id }}/../x",
    "/a/./{{ data.id }}",
    "/a\\{{ data.id }}",
    "/a%2f{{ data.id }}",
    "{% if data.a %}/../x{% endif %}",
  ])("%s leads away", (template) => expect(leadsAway(template)).toBe(true));
  test.each([
    "/a/{{ data.id }}",
    "/{{ data.a }}.{{ data.b }}",
    "/{{ data.a }}..{{ data.b }}.json",
    "/a.b/{{ data.id | append: '#' }}?q=a.b..c",
    "{% if data.a %}/x/{% else %}/y/{% endif %}/z",
    "/{{ data.a\n| append: '/../' }}",
  ])("%s may lead somewhere", (template) => expect(leadsAway(template)).toBe(false));
});
