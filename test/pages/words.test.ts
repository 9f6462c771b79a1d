import { describe, expect, test } from "vitest";
import { fallbackFor } from "../../src/crm/doctor/fallback.ts";
import { presetGuide } from "../../src/crm/setup-guide.ts";
import { callStatuses } from "../../src/domain/calls/call.ts";
import { reasons } from "../../src/domain/reasons.ts";
import { problems } from "../../src/http/problem.ts";
import { pageWords, wordsOf } from "../../src/pages/page-words.ts";
import { besideStatus, plain, textsTitle } from "../../src/pages/parts/words.ts";
import type { CallRow } from "../../src/ports/lookups/calls.ts";
import { callView } from "../../src/views/calls/call.ts";
import { durationText, timeText } from "../../src/views/times.ts";
import { unplacedCall } from "./world.ts";

test.each([
  ["2026-11-23T15:33:07.123Z", "Mon 23 Nov 2026, 15:33:07 UTC"],
  ["2026-01-05T00:00:00+00:00", "Mon 5 Jan 2026, 00:00:00 UTC"],
  ["2026-11-23T15:33:07+02:00", "2026-11-23T15:33:07+02:00"],
  ["yesterday", "yesterday"],
])("The time %s reads %s: only what is UTC is called so.", (iso, text) => {
  expect(timeText(iso, "seconds")).toBe(text);
});

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [133, "2 min 13 s"],
  [3_725, "1 h 2 min"],
  [120, "2 min"],
  [14_400, "4 h"],
  [86_400 * 3 + 59, "3 d"],
  [100_000, "1 d 3 h"],
])("%d seconds read %s.", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

const view = (more: Partial<CallRow>) => callView(unplacedCall(more), true);
const waits = (reason: string) => ({ reason, detail: null, since: null, until: null });

test("No status is said twice beside itself, whatever the reason.", () => {
  for (const status of callStatuses)
    for (const reason of [null, ...Object.keys(reasons)]) {
      if (status === "ended") continue;
      const beside = besideStatus(
        view({ status, reason, waits: status === "queued" && reason ? waits(reason) : null }),
      );
      expect([status, reason, beside === plain(status)]).toEqual([status, reason, false]);
    }
});

test.each<[Partial<CallRow>, string | null]>([
  [{ status: "canceled", reason: "canceled" }, "by a person"],
  [{ status: "canceled", reason: "withdrawn" }, "withdrawn"],
  [{ status: "expired", reason: "expired" }, null],
  [{ status: "rejected", reason: "refused" }, null],
  [{ status: "skipped", reason: "no_number" }, "no number"],
  [{ status: "queued", reason: null, waits: waits("paused_by_person") }, "line paused"],
  [{ status: "queued", reason: "line_paused", waits: waits("unauthenticated") }, "line paused"],
  // It was tried before, and is in its turn now.
  [{ status: "queued", reason: "rate_limited", waits: waits("in_turn") }, null],
  [{ status: "queued", reason: null, waits: waits("not_due") }, "not due"],
  [{ status: "queued", reason: null, waits: waits("calls_per_day") }, "calls per day"],
])("%j has beside its status: %s", (row, said) => {
  expect(besideStatus(view(row))).toBe(said);
});

test("Only the texts of a call that was placed were told to an agent.", () => {
  const told = callStatuses.filter((status) => textsTitle(status) === "The agent was told");
  expect(told.sort()).toEqual(["ended", "placed"]);
  for (const status of callStatuses) expect(textsTitle(status)).toMatch(/^The agent [a-z ]+ told$/);
});

test.each([
  ["paused_by_person", null, "paused_by_person"],
  ["all_paused", null, "all_paused"],
  ["agent_missing", "line_paused", "line_paused"],
  ["in_turn", null, null],
  ["not_due", null, null],
])("A queued call that waits for %s, with the stored reason %s, shows the reason %s.", (waited, reason, shown) => {
  expect(view({ status: "queued", reason, waits: waits(waited) }).reason).toBe(shown);
});

/** Words of the command line and of the API. No page does what `hookline migrate` and `hookline captured-secret` do. */
const foreign =
  /hookline (?!migrate|captured-secret)[a-z]|\/readyz|`(?:GET|POST|PUT) \/v1\/|Retry-After|settings\.|`detail`|`history`|--[a-z]|\bas tenant\b|`tenant`/;

/** A sentence as a page shows it, with marks of code. */
const shown = (sentence: string) =>
  pageWords(sentence)
    .map(({ kind, text }) => (kind === "code" ? `\`${text}\`` : text))
    .join("");

const sentences: readonly (readonly [from: string, sentence: string])[] = [
  ...Object.entries(reasons).flatMap(([code, { what, next }]) =>
    [what, next ?? ""].map((text) => [`reason ${code}`, text] as const),
  ),
  ...Object.entries(problems).map(([code, [, title]]) => [`problem ${code}`, title] as const),
  ...presetGuide
    .all("https://hooks.acme.example")
    .flatMap(({ name, steps }) => steps.map((step) => [`preset ${name}`, step] as const)),
  ...["timestamp_missing", "tenant_missing", "tenant_mismatch", "url_unknown", "batch_missing", "audience_wrong"].map(
    (code) => [`advice ${code}`, fallbackFor(code)] as const,
  ),
  ["receipt", "Some of the call's entries are not in the audit chain yet. Ask again after `Retry-After`."],
];

describe("A page says in its own words", () => {
  test.each(sentences.filter(([, text]) => foreign.test(text)))("%s: %s", (_, text) => {
    expect(shown(text)).not.toMatch(foreign);
  });

  test("every other sentence as it is, but for the labels of fields.", () => {
    for (const [, text] of sentences.filter(([, text]) => text !== "" && !foreign.test(text)))
      expect(shown(text).replace(/[“”`]/g, "").length).toBeGreaterThan(text.length / 2);
  });
});

test.each([
  [
    "`/readyz` has the reason. The call is tried again.",
    "The page Health has the reason. The call is tried again.",
    "/health",
  ],
  [
    "Decide them on the page Review, or with `hookline release` and `hookline resolve`.",
    "Decide them on the page Review.",
    "/review",
  ],
  ["Run `hookline verify-audit`, and find out.", "Verify the audit log, and find out.", "/people/audit"],
])("%s reads %s, with a link.", (sentence, said, href) => {
  const parts = pageWords(sentence);
  expect(wordsOf(sentence)).toBe(said);
  expect(parts.flatMap((part) => (part.kind === "link" ? [part.href] : []))).toEqual([href]);
});

test.each([
  ["Ask again after `Retry-After`.", "Try it again in a few seconds."],
  ["compare `settings.scheme` with the sender's", "compare the setting “scheme” with the sender's"],
  ["Name the shop as tenant: an app's", "Name the shop as “Account”: an app's"],
  ["Set `shards: 3` and run `hookline apply`.", "Set “Inboxes” in the source's settings to 3."],
  ["The template `{{ data.name }}` stays code.", "The template {{ data.name }} stays code."],
  ["Run `hookline migrate`.", "Run hookline migrate."],
])("%s reads %s", (sentence, said) => {
  expect(wordsOf(sentence)).toBe(said);
});
