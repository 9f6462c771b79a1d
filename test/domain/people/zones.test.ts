import { describe, expect, it } from "vitest";
import { clockOf } from "../../../src/domain/people/zone-clock.ts";
import { isPlace, readZones } from "../../../src/domain/people/zone-names.ts";
import { chooseZones, zonesOfCountry } from "../../../src/domain/people/zones.ts";

const nowMs = Date.parse("2026-11-27T22:00:00Z");

describe("a zone is read from", () => {
  it.each([
    // The tz database, in any case, with links and three parts.
    ["Europe/Berlin", ["Europe/Berlin"]],
    ["america/new_york", ["America/New_York"]],
    ["America/Argentina/Buenos_Aires", ["America/Argentina/Buenos_Aires"]],
    ["US/Eastern", ["US/Eastern"]],
    ["Asia/Kolkata", ["Asia/Kolkata"]],
    ["America/New York", ["America/New_York"]],
    ["America / New_York", ["America/New_York"]],
    ["America%2FNew_York", ["America/New_York"]],
    ["America/Los_Angeles (PST)", ["America/Los_Angeles"]],
    ["Europe/Paris (GMT+01:00)", ["Europe/Paris"]],
    // HubSpot.
    ["america_slash_new_york", ["America/New_York"]],
    ["europe_slash_london", ["Europe/London"]],
    ["america_slash_port_hyphen_au_hyphen_prince", ["America/Port-au-Prince"]],
    ["us_slash_pacific_hyphen_new", ["America/Los_Angeles"]],
    ["chile_slash_easterisland", ["Pacific/Easter"]],
    ["japan", ["Asia/Tokyo"]],
    // Rails: Zendesk, Freshworks, Shopify.
    ["Eastern Time (US & Canada)", ["America/New_York"]],
    ["Eastern Time (US &amp; Canada)", ["America/New_York"]],
    ["(GMT-05:00) Eastern Time (US & Canada)", ["America/New_York"]],
    ["(GMT-06:00) Central Time (US & Canada)", ["America/Chicago"]],
    ["(GMT+01:00) Vienna", ["Europe/Vienna"]],
    ["Nuku'alofa", ["Pacific/Tongatapu"]],
    ["pacific time (us & canada)", ["America/Los_Angeles"]],
    // Windows: Dynamics 365, Outlook.
    ["W. Europe Standard Time", ["Europe/Berlin"]],
    ["GMT Standard Time", ["Europe/London"]],
    ["India Standard Time", ["Asia/Calcutta"]],
    ["Eastern Standard Time (Mexico)", ["America/Cancun"]],
    ["(UTC-05:00) Eastern Time (US & Canada)", ["America/New_York"]],
    ["(UTC) Dublin, Edinburgh, Lisbon, London", ["Europe/Dublin", "Europe/London", "Europe/Lisbon"]],
    // Salesforce's label.
    ["(GMT-05:00) Eastern Standard Time (America/New_York)", ["America/New_York"]],
    ["(GMT+05:30) India Standard Time (Asia/Kolkata)", ["Asia/Kolkata"]],
  ])("%s", (text, zones) => {
    expect(readZones(text)).toEqual(zones);
  });

  it("every name of the runtime, as HubSpot writes it", () => {
    for (const zone of Intl.supportedValuesOf("timeZone").filter((name) => name.includes("/") && !/^Etc/u.test(name))) {
      const slug = zone.toLowerCase().replaceAll("/", "_slash_").replaceAll("-", "_hyphen_");
      expect([slug, readZones(slug)]).toEqual([slug, [zone]]);
    }
  });
});

it.each([
  "",
  " ",
  "BST",
  "AST",
  "EST",
  "EST5EDT",
  "CET",
  "UTC",
  "GMT",
  "GMT+1",
  "Z",
  "Etc/UTC",
  "etc_slash_utc",
  "Etc/GMT+5",
  "+02:00",
  "-5",
  "-300",
  "(GMT-05:00)",
  "(UTC) Coordinated Universal Time",
  "UTC-11",
  "Dateline Standard Time",
  "Berlin, Gotham",
  "Mars/Olympus",
  "New York",
  "{{ zone }}",
  "toString",
  "__proto__/constructor",
  "Europe/",
  "ヨーロッパ/ベルリン",
  "a/".repeat(5_000),
  `${" ".repeat(10_000)}Europe/Berlin`,
  "Berlin, ".repeat(12),
])("no zone is read from %j", (text) => {
  expect(readZones(text)).toBeNull();
  expect(isPlace(text)).toBe(false);
});

describe("the zones of a call are", () => {
  const chosen = (named: string | null, country: string, home: string | null = null) =>
    chooseZones(named, country, home, nowMs);

  it.each([
    ["America/Chicago", "US", ["America/Chicago"]],
    ["america_slash_denver", "US", ["America/Denver"]],
    ["US/Eastern", "US", ["America/New_York"]],
    // The same clock all year, by another name or from across a border. CLDR's names differ between its versions.
    ["Eastern Time (US & Canada)", "CA", ["America/Toronto"]],
    ["Asia/Kolkata", "IN", ["Asia/Calcutta"]],
    ["W. Europe Standard Time", "IT", ["Europe/Rome"]],
    ["(UTC) Dublin, Edinburgh, Lisbon, London", "PT", ["Europe/Lisbon"]],
    ["Europe/Kyiv", "UA", ["Europe/Kiev"]],
  ])("its own, for %s and a number of %s", (named, country, zones) => {
    const choice = chosen(named, country);
    expect(choice).toMatchObject({ from: "rule", problem: null });
    expect(zonesOfCountry(country)).toEqual(expect.arrayContaining([...choice.zones]));
    for (const month of ["01", "04", "07", "10"]) {
      const clocks = [...zones, ...choice.zones].map((zone) => wallClock(zone, `2027-${month}-15T12:00:00Z`));
      expect(new Set(clocks).size).toBe(1);
    }
  });

  it.each([
    ["America/New_York", "GB"],
    ["Europe/London", "US"],
    ["Africa/Abidjan", "GB"],
    // Two days apart in spring.
    ["Europe/Athens", "IL"],
    ["Asia/Shanghai", "KR"],
    ["Australia/Brisbane", "NZ"],
    ["Atlantic Standard Time", "GB"],
    ["America/Phoenix", "BR"],
  ])("%s and all of the country's, for a number of %s: it narrows and never widens", (named, country) => {
    const choice = chosen(named, country);
    expect(choice).toMatchObject({ from: "rule_and_number", problem: "zone_abroad" });
    expect(choice.zones).toEqual([...(readZones(named) ?? []), ...zonesOfCountry(country)]);
  });

  it.each([null, "BST", "UTC", "+01:00", "nowhere", "z".repeat(10_240)])(
    "the country's, with a note, for %j",
    (named) => {
      expect(chosen(named, "GB")).toEqual({ zones: ["Europe/London"], from: "number", problem: "zone_unreadable" });
    },
  );

  it("the country's without a note if the rule gives none, and the source's only for a country without zones", () => {
    expect(chosen("", "JP")).toEqual({ zones: ["Asia/Tokyo"], from: "number", problem: null });
    expect(chosen("", "XX", "Asia/Tokyo")).toEqual({ zones: ["Asia/Tokyo"], from: "source", problem: null });
    expect(chosen("", "XX")).toEqual({ zones: ["UTC"], from: "none", problem: null });
    expect(chosen("BST", "XX")).toEqual({ zones: ["UTC"], from: "none", problem: "zone_unreadable" });
    expect(chosen("Europe/Berlin", "XX")).toEqual({ zones: ["Europe/Berlin"], from: "rule", problem: null });
  });
});

function wallClock(zone: string, at: string): string {
  expect(clockOf(zone)).not.toBeNull();
  return new Date(at).toLocaleString("en-GB", { timeZone: zone });
}
