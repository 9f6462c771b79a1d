import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addOpenTime, type OpenHours, openWindow, parseHours } from "../../../src/domain/people/calling-hours.ts";
import { isPlace } from "../../../src/domain/people/zone-names.ts";
import { zonesOfCountry } from "../../../src/domain/people/zones.ts";

const HOUR_MS = 3_600_000;
const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

function hoursOf(days: string, from: string, to: string, closed: string[] = []): OpenHours {
  const parsed = parseHours({ days, from, to, closed });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.hours;
}

function windowAt(hours: OpenHours | null, zones: string[], when: string): [string, string] | null {
  const window = openWindow(hours, zones, at(when));
  return window === null ? null : [iso(window.opensAtMs), iso(window.closesAtMs)];
}

const workdays = hoursOf("mon-fri", "09:00", "17:00");

describe("parseHours", () => {
  it.each([
    ["mon-sat", 0b011_1111],
    ["mon,wed,fri", 0b001_0101],
    ["mon-fri,sun", 0b101_1111],
    ["sat-mon", 0b110_0001],
    ["Mon - Tue , SUN", 0b100_0011],
    ["sun", 0b100_0000],
    ["mon-mon", 0b000_0001],
    ["mon-sun", 0b111_1111],
  ])("reads the days %j", (days, bits) => {
    expect(parseHours({ days, from: "09:00", to: "24:00" })).toEqual({
      ok: true,
      hours: { days: bits, fromMinute: 540, toMinute: 1_440, closed: [] },
    });
  });

  it("keeps closed dates once and in order, as days since 1970", () => {
    expect(hoursOf("mon", "00:00", "00:01", ["2026-12-25", "1970-01-02", "2026-12-25"]).closed).toEqual([1, 20_812]);
  });

  const good = { days: "mon-fri", from: "09:00", to: "20:00" };
  it.each<[unknown, string]>([
    [null, ""],
    ["mon-fri", ""],
    [[], ""],
    [{ ...good, days: undefined }, "days"],
    [{ ...good, days: "" }, "days"],
    [{ ...good, days: "monday" }, "days"],
    [{ ...good, days: "mon-" }, "days"],
    [{ ...good, days: "mon-wed-fri" }, "days"],
    [{ ...good, days: "mon,,tue" }, "days"],
    [{ ...good, days: ["mon"] }, "days"],
    [{ ...good, days: "mon,".repeat(50) }, "days"],
    [{ ...good, from: "9:00" }, "from"],
    [{ ...good, from: "24:00" }, "from"],
    [{ ...good, from: 540 }, "from"],
    [{ ...good, to: "24:01" }, "to"],
    [{ ...good, to: "20:60" }, "to"],
    [{ ...good, to: "09:00" }, "to"],
    [{ ...good, to: "08:00" }, "to"],
    [{ ...good, closed: "2026-12-25" }, "closed"],
    [{ ...good, closed: ["2026-12-25", "2026-02-30"] }, "closed.1"],
    [{ ...good, closed: ["25.12.2026"] }, "closed.0"],
    [{ ...good, closed: Array.from({ length: 401 }, () => "2026-12-25") }, "closed"],
    [{ ...good, holidays: [] }, "holidays"],
  ])("refuses %j and names the field", (value, path) => {
    expect(parseHours(value)).toEqual({ ok: false, path, reason: expect.any(String) });
  });
});

describe("openWindow", () => {
  it("is always open without hours, and when hours leave nothing out", () => {
    const always = { opensAtMs: 5, closesAtMs: Number.POSITIVE_INFINITY };
    expect(openWindow(null, [], 5)).toEqual(always);
    expect(openWindow(hoursOf("mon-sun", "00:00", "24:00"), ["Europe/Berlin"], 5)).toEqual(always);
  });

  it.each([
    ["before it opens", "2026-11-23T06:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T16:00:00Z"],
    ["at the instant it opens", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T16:00:00Z"],
    ["while it is open", "2026-11-23T12:34:56Z", "2026-11-23T12:34:56Z", "2026-11-23T16:00:00Z"],
    ["at the instant it closes", "2026-11-23T16:00:00Z", "2026-11-24T08:00:00Z", "2026-11-24T16:00:00Z"],
    ["over the weekend", "2026-11-27T16:00:00Z", "2026-11-30T08:00:00Z", "2026-11-30T16:00:00Z"],
  ])("answers %s", (_when, when, opens, closes) => {
    expect(windowAt(workdays, ["Europe/Berlin"], when)).toEqual([opens, closes]);
  });

  it("passes over closed dates by the local calendar", () => {
    const hours = hoursOf("mon-sun", "00:00", "24:00", ["2026-12-25"]);
    expect(windowAt(hours, ["Asia/Tokyo"], "2026-12-24T15:00:00Z")?.[0]).toBe("2026-12-25T15:00:00Z");
    expect(windowAt(hours, ["Asia/Tokyo"], "2026-12-24T14:59:00Z")).toEqual([
      "2026-12-24T14:59:00Z",
      "2026-12-24T15:00:00Z",
    ]);
  });

  it("joins days that meet at midnight", () => {
    expect(windowAt(hoursOf("mon-fri", "00:00", "24:00"), ["UTC"], "2026-11-23T10:00:00Z")).toEqual([
      "2026-11-23T10:00:00Z",
      "2026-11-28T00:00:00Z",
    ]);
  });

  it.each([
    ["spring, the day before", "2026-03-07T15:00:00Z", "2026-03-07T15:00:00Z", "2026-03-07T22:00:00Z"],
    ["spring, the day of the change", "2026-03-08T05:00:00Z", "2026-03-08T13:00:00Z", "2026-03-08T21:00:00Z"],
    ["autumn, the day before", "2026-10-31T12:00:00Z", "2026-10-31T13:00:00Z", "2026-10-31T21:00:00Z"],
    ["autumn, the day of the change", "2026-11-01T05:00:00Z", "2026-11-01T14:00:00Z", "2026-11-01T22:00:00Z"],
  ])("keeps to the wall clock in New York when clocks change: %s", (_when, when, opens, closes) => {
    expect(windowAt(hoursOf("mon-sun", "09:00", "17:00"), ["America/New_York"], when)).toEqual([opens, closes]);
  });

  it("opens after the gap when clocks skip the opening time, and has the repeated hour twice", () => {
    const night = hoursOf("mon-sun", "02:30", "04:00");
    expect(windowAt(night, ["America/New_York"], "2026-03-08T05:00:00Z")).toEqual([
      "2026-03-08T07:00:00Z",
      "2026-03-08T08:00:00Z",
    ]);
    const repeated = hoursOf("mon-sun", "01:00", "01:30");
    expect(windowAt(repeated, ["America/New_York"], "2026-11-01T05:00:00Z")?.[1]).toBe("2026-11-01T05:30:00Z");
    expect(windowAt(repeated, ["America/New_York"], "2026-11-01T05:30:00Z")).toEqual([
      "2026-11-01T06:00:00Z",
      "2026-11-01T06:30:00Z",
    ]);
  });

  it("opens only when all possible zones are open", () => {
    const zones = ["America/New_York", "America/Los_Angeles", "Pacific/Honolulu"];
    expect(windowAt(workdays, zones, "2026-11-23T12:00:00Z")).toEqual(["2026-11-23T19:00:00Z", "2026-11-23T22:00:00Z"]);
    expect(windowAt(hoursOf("mon-sat", "09:00", "20:00"), zonesOfCountry("US"), "2026-11-23T12:00:00Z")).toEqual([
      "2026-11-23T19:00:00Z",
      "2026-11-24T01:00:00Z",
    ]);
  });

  it("finds nothing when zones share no open hour, when all is closed, and without a known zone", () => {
    const monday = "2026-11-23T12:00:00Z";
    expect(windowAt(workdays, ["Asia/Tokyo", "America/New_York"], monday)).toBeNull();
    // One closes at the very instant at which the other opens.
    expect(windowAt(workdays, ["UTC", "Etc/GMT+8"], monday)).toBeNull();
    const closed = Array.from({ length: 400 }, (_, day) =>
      iso(at("2026-11-01T00:00:00Z") + day * 24 * HOUR_MS).slice(0, 10),
    );
    expect(windowAt(hoursOf("mon-sun", "09:00", "17:00", closed), ["UTC"], monday)).toBeNull();
    expect(windowAt(workdays, [], monday)).toBeNull();
    expect(windowAt(workdays, ["UTC", "Mars/Olympus"], monday)).toBeNull();
  });

  it("agrees, minute by minute, with what the wall clocks show", () => {
    const zone = fc.constantFrom(
      "America/New_York",
      "America/St_Johns",
      "Europe/London",
      "Africa/Casablanca",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "Pacific/Kiritimati",
      "UTC",
    );
    const minute = fc.integer({ min: 0, max: 1_440 });
    const case_ = fc.record({
      zones: fc.uniqueArray(zone, { minLength: 1, maxLength: 3 }),
      days: fc.integer({ min: 1, max: 127 }),
      minutes: fc.uniqueArray(minute, { minLength: 2, maxLength: 2 }).map((pair) => pair.sort((a, b) => a - b)),
      atMs: fc
        .oneof(
          fc.integer({ min: 1_300_000_000, max: 1_900_000_000 }),
          // Around changes: New York and London both ways, Casablanca's Ramadan, Apia's skipped Friday.
          fc
            .tuple(
              fc.constantFrom("2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-02-15", "2011-12-30"),
              fc.integer({ min: -90_000, max: 90_000 }),
            )
            .map(([date, seconds]) => at(`${date}T00:00:00Z`) / 1_000 + seconds),
        )
        .map((seconds) => seconds * 1_000),
    });
    fc.assert(
      fc.property(case_, ({ zones, days, minutes, atMs }) => {
        const hours = { days, fromMinute: minutes[0] ?? 0, toMinute: minutes[1] ?? 0, closed: [] };
        const isOpen = (ms: number): boolean => zones.every((name) => showsOpen(hours, name, ms));
        const window = openWindow(hours, zones, atMs);
        const opensAtMs = window?.opensAtMs ?? atMs + 8 * 24 * HOUR_MS;
        const step = Math.max(60_000, Math.floor((opensAtMs - atMs) / 60 / 60_000) * 60_000);
        for (let ms = atMs; ms < opensAtMs; ms += step) expect(isOpen(ms)).toBe(false);
        if (window === null) return;
        if (opensAtMs > atMs) expect(isOpen(opensAtMs - 1_000)).toBe(false);
        if (window.closesAtMs === Number.POSITIVE_INFINITY) return;
        const stride = Math.max(60_000, Math.floor((window.closesAtMs - opensAtMs) / 40));
        for (let ms = opensAtMs; ms < window.closesAtMs; ms += stride) expect(isOpen(ms)).toBe(true);
        expect(isOpen(window.closesAtMs - 1_000)).toBe(true);
        expect(isOpen(window.closesAtMs)).toBe(false);
      }),
      { seed: 20_261_123, numRuns: 300 },
    );
  });
});

/** The same question asked of the wall clock in another way. */
function showsOpen(hours: OpenHours, zone: string, ms: number): boolean {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit" });
    formats.set(zone, format);
  }
  const match = /^(\w{3}) (\d\d):(\d\d)$/.exec(format.format(ms));
  const day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(match?.[1] ?? "");
  const minute = Number(match?.[2]) * 60 + Number(match?.[3]);
  return (hours.days & (1 << day)) !== 0 && minute >= hours.fromMinute && minute < hours.toMinute;
}
const formats = new Map<string, Intl.DateTimeFormat>();

describe("addOpenTime", () => {
  const endOf = (hours: OpenHours | null, from: string, ms: number): string | null => {
    const end = addOpenTime(hours, ["Europe/Berlin"], at(from), ms);
    return end === null ? null : iso(end);
  };

  it("is plain addition without hours, and passes no time for nothing", () => {
    expect(endOf(null, "2026-11-23T06:00:00Z", HOUR_MS)).toBe("2026-11-23T07:00:00Z");
    expect(endOf(workdays, "2026-11-22T06:00:00Z", 0)).toBe("2026-11-22T06:00:00Z");
  });

  it.each([
    ["within one window", "2026-11-23T09:00:00Z", 4, "2026-11-23T13:00:00Z"],
    ["from before it opens", "2026-11-23T01:00:00Z", 4, "2026-11-23T12:00:00Z"],
    ["over a night", "2026-11-23T14:00:00Z", 4, "2026-11-24T10:00:00Z"],
    ["over a weekend", "2026-11-27T15:00:00Z", 2, "2026-11-30T09:00:00Z"],
    ["exactly to the close", "2026-11-23T08:00:00Z", 8, "2026-11-23T16:00:00Z"],
    ["over many weeks and a change of clocks", "2026-03-23T08:00:00Z", 80, "2026-04-03T15:00:00Z"],
  ])("counts only open time: %s", (_what, from, hours, end) => {
    expect(endOf(workdays, from, hours * HOUR_MS)).toBe(end);
  });

  it("gives up when the time never passes", () => {
    expect(endOf(hoursOf("mon", "09:00", "09:01"), "2026-11-23T06:00:00Z", 400 * 24 * HOUR_MS)).toBeNull();
    expect(addOpenTime(workdays, [], 0, 1)).toBeNull();
  });

  it("passes through a middle: adding twice is adding the sum", () => {
    const span = fc.integer({ min: 1, max: 200 * 3_600 }).map((seconds) => seconds * 1_000);
    fc.assert(
      fc.property(fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }), span, span, (seconds, first, second) => {
        const zones = ["America/Chicago", "America/Phoenix"];
        const middle = addOpenTime(workdays, zones, seconds * 1_000, first);
        expect(middle).not.toBeNull();
        expect(addOpenTime(workdays, zones, middle ?? 0, second)).toBe(
          addOpenTime(workdays, zones, seconds * 1_000, first + second),
        );
      }),
      { seed: 20_261_123, numRuns: 100 },
    );
  });
});

describe("zones", () => {
  it("lists the zones of a country, each of them known", () => {
    expect(zonesOfCountry("DE")).toEqual(expect.arrayContaining(["Europe/Berlin"]));
    expect(zonesOfCountry("us")).toEqual(expect.arrayContaining(["America/New_York", "Pacific/Honolulu"]));
    expect(zonesOfCountry("US").every(isPlace)).toBe(true);
  });

  it("has none for what is no country, and hands out no list that a caller could spoil", () => {
    expect(zonesOfCountry("")).toEqual([]);
    expect(zonesOfCountry("USA")).toEqual([]);
    expect(zonesOfCountry("XX")).toEqual([]);
    zonesOfCountry("JP").length = 0;
    expect(zonesOfCountry("JP")).toEqual(["Asia/Tokyo"]);
  });
});
