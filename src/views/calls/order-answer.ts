/** One plain sentence about an order: whether the customer was called, and with which outcome. */
import type { CallStatus, Outcome } from "../../domain/calls/call.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import { explanationOf } from "../../domain/reasons.ts";
import type { CallRow, Wait } from "../../ports/lookups/calls.ts";
import type { EventRow } from "../../ports/lookups/events.ts";
import { iso } from "../moment.ts";
import { durationText, shortTimeText } from "../times.ts";

const numerals = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** Words for one call, and for several with the same end. */
type Words = readonly [one: string, several: string];

const outcomeWords: Readonly<Record<Outcome, string>> = {
  completed: "completed",
  no_answer: "no answer",
  busy: "busy",
  failed: "failed",
  canceled: "canceled while it rang",
  voicemail: "a voicemail",
  unspecified: "without a known outcome",
};

/** Outcomes of calls that reached nobody. */
const missed: ReadonlySet<string> = new Set(["no_answer", "busy", "failed", "canceled", "voicemail"]);

const statusWords: Readonly<Record<Exclude<CallStatus, "ended">, Words>> = {
  skipped: ["was decided against", "were decided against"],
  held: ["waits for a person", "wait for a person"],
  queued: ["waits to be placed", "wait to be placed"],
  dialing: ["is being placed", "are being placed"],
  unknown: ["may or may not have rung", "may or may not have rung"],
  review: ["waits for a person to say whether it rang", "wait for a person to say whether they rang"],
  placed: ["is going on or has no known outcome yet", "are going on or have no known outcome yet"],
  rejected: ["was refused by the voice service", "were refused by the voice service"],
  expired: ["could not be placed in time", "could not be placed in time"],
  canceled: ["was canceled", "were canceled"],
};

const canceledByPerson: Words = ["was canceled by a person", "were canceled by a person"];

const placedStatuses: ReadonlySet<CallStatus> = new Set(["placed", "ended"]);
const uncertainStatuses: ReadonlySet<CallStatus> = new Set(["unknown", "review"]);
const waitingStatuses: ReadonlySet<CallStatus> = new Set(["held", "queued", "dialing"]);

/** Reasons that add nothing to the status. */
const plainReasons: ReadonlySet<string> = new Set(["expired", "refused"]);

/** Placed calls, and reasons of calls that were not placed, that the sentence tells one by one. */
const toldMax = 3;
const reasonsMax = 2;

/** Characters of a summary in the sentence. */
const summaryMax = 160;

/** The circumstances of an answer. */
export type Telling = {
  /** IANA name of the zone of the times. UTC is named in the sentence. */
  readonly zone: string;
  /** Years are left out of times of the present year. */
  readonly nowMs: number;
  /** Whether the reader may read what was said. */
  readonly open: boolean;
};

/**
 * @param orderNumber As the reader typed it.
 * @param calls Newest first.
 * @param events Newest first.
 * @param more Whether there are more than these.
 */
export function answerOf(
  orderNumber: string,
  { calls, events, more }: { calls: readonly CallRow[]; events: readonly EventRow[]; more: boolean },
  telling: Telling,
): string {
  const about = `about ${orderNumber}`;
  if (calls.length === 0 && events.length === 0) return `Nothing is known ${about}: no event and no call names it.`;
  // A call by hand about an order is no second order of that number.
  const sources = new Set([...calls, ...events].map(({ source }) => source).filter((source) => source !== apiSource));
  const shops = sources.size > 1 ? ` ${capital(numeral(sources.size))} sources know an order of this number.` : "";
  const sentence =
    calls.length === 0
      ? `No call was placed ${about}: ${whyNone(events, more, telling)}.`
      : whatBecame(about, calls, more, telling);
  return `${sentence}${shops}`;
}

function whyNone([newest, ...others]: readonly EventRow[], more: boolean, telling: Telling): string {
  const count = `${more ? "at least " : ""}${numeral(others.length + 1)}`;
  const came = others.length === 0 ? `${count} event came, and it` : `${count} events came, and the newest`;
  if (newest === undefined || newest.reason === null)
    return `${came} is not decided yet${because(newest?.waits, telling)}`;
  return `${came} made none (${why(newest.reason)})`;
}

function whatBecame(about: string, calls: readonly CallRow[], more: boolean, telling: Telling): string {
  const placed = calls.filter(({ status }) => placedStatuses.has(status));
  const others = calls.filter(({ status }) => !placedStatuses.has(status));
  if (placed.length > 0) return [happened(placed, more, telling), ...leftOut(others, telling)].join(" ");
  const has = (statuses: ReadonlySet<CallStatus>) => others.some(({ status }) => statuses.has(status));
  const first = has(uncertainStatuses)
    ? `It is not certain whether a call was placed ${about}`
    : `No call was placed ${about}${has(waitingStatuses) ? " yet" : ""}`;
  return `${first}: ${fates(others, "one", more, telling)}.`;
}

/** The calls that were placed: `Yes, twice: Tue 24 Nov, 14:03 UTC, 2 min 13 s, completed: “…”; Mon 23 Nov, 9:00 UTC, no answer.` */
function happened(placed: readonly CallRow[], more: boolean, telling: Telling): string {
  const has = (outcome: Outcome) => placed.some((call) => call.status === "ended" && call.outcome === outcome);
  const isMissed = placed.every(({ status, outcome }) => status === "ended" && missed.has(outcome ?? ""));
  const lead = has("completed") ? "Yes" : isMissed ? "Called, but nobody was reached" : "Called";
  const { length } = placed;
  const times = length === 1 ? "" : length === 2 ? "twice" : `${numeral(length)} times`;
  const count = times === "" && !more ? "" : `, ${more ? `at least ${times === "" ? "once" : times}` : times}`;
  const told = placed.slice(0, toldMax).map((call, nth) => placedText(call, nth === 0, telling));
  const earlier = length > toldMax ? `; before that ${length - toldMax} more` : "";
  return `${lead}${count}: ${told.join("; ")}${earlier}.`;
}

function placedText(call: CallRow, isNewest: boolean, telling: Telling): string {
  const { placedAt, createdAt, durationS, status, outcome, summary } = call;
  const when = minuteText(placedAt ?? createdAt, telling);
  if (status === "placed") return `${when}, it goes on or has no known outcome yet`;
  const long = durationS === null || durationS === 0 ? "" : `, ${durationText(durationS)}`;
  const words = summary === null || !isNewest || !telling.open ? "" : shortOf(summary);
  return `${when}${long}, ${outcomeWords[outcome ?? "unspecified"]}${words === "" ? "" : `: “${words}”`}`;
}

/** @returns The first sentence of a summary. Its marks of direction end within it. */
function shortOf(summary: string): string {
  const [first = ""] = summary.trim().split(/(?<=[.!?。！？])\s|[\r\n]/u);
  const text = first.replace(/[.\s]+$/u, "");
  const letters = [...text];
  return letters.length <= summaryMax ? text : `${letters.slice(0, summaryMax).join("")}…`;
}

/** The calls that were not placed: those that are over by day and reason, those that may still ring as they stand. */
function leftOut(others: readonly CallRow[], telling: Telling): string[] {
  const open = others.filter(({ status }) => waitingStatuses.has(status) || uncertainStatuses.has(status));
  const over = others.filter((call) => !open.includes(call));
  const byReason = new Map<string, string[]>();
  for (const call of over) {
    const days = byReason.get(notCalled(call)) ?? [];
    const day = dayText(call.createdAt, telling);
    byReason.set(notCalled(call), days.includes(day) ? days : [...days, day]);
  }
  const told = [...byReason].slice(0, reasonsMax);
  const untold = byReason.size - told.length;
  return [
    ...(open.length === 0 ? [] : [`${capital(further(open, telling))}.`]),
    ...told.map(([reason, days]) => `Not called ${list(days.slice(0, toldMax))}: ${reason}.`),
    ...(untold === 0
      ? []
      : [`${capital(numeral(untold))} more ${untold === 1 ? "reason" : "reasons"} kept calls from being placed.`]),
  ];
}

function notCalled({ status, reason }: CallRow): string {
  if (status === "canceled" && reason === "canceled") return "a person canceled the call";
  if (status === "rejected") return "the voice service refused the call";
  if (reason === null || plainReasons.has(reason))
    return `the call ${statusWords[status === "ended" ? "placed" : status][0]}`;
  return why(reason);
}

/**
 * @param single Words for a single call.
 * @returns The ends of these calls, in words.
 */
function fates(calls: readonly CallRow[], single: string, more: boolean, telling: Telling): string {
  const groups = alike(calls, telling);
  const [only] = groups;
  if (calls.length === 1 && only !== undefined) return `${single} ${only.words[0]}`;
  if (groups.length === 1 && only !== undefined && !more)
    return `${only.count === 2 ? "both" : `all ${numeral(only.count)}`} ${only.words[1]}`;
  return list(groups.map(({ count, words }) => `${numeral(count)} ${count === 1 ? words[0] : words[1]}`));
}

/** @returns The ends of calls that the sentence has not named yet. */
function further(calls: readonly CallRow[], telling: Telling): string {
  return list(
    alike(calls, telling).map(({ count, words }) =>
      count === 1 ? `another ${words[0]}` : `${numeral(count)} more ${words[1]}`,
    ),
  );
}

/** Counts of calls with the same end, newest first. */
function alike(calls: readonly CallRow[], telling: Telling): { count: number; words: Words }[] {
  const counted = new Map<string, { count: number; words: Words }>();
  for (const call of calls) {
    const words = fate(call, telling);
    const known = counted.get(words[0]);
    counted.set(words[0], { count: (known?.count ?? 0) + 1, words });
  }
  return [...counted.values()];
}

function fate({ status, reason, waits }: CallRow, telling: Telling): Words {
  const words = statusWords[status === "ended" ? "placed" : status];
  // A queued call with a reason was tried before. The stored reason is past, so the waiting reason is shown instead.
  if (status === "queued") return [`${words[0]}${because(waits, telling)}`, `${words[1]}${because(waits, telling)}`];
  if (status === "canceled" && reason === "canceled") return canceledByPerson;
  if (reason === null || status === "placed" || plainReasons.has(reason)) return words;
  return [`${words[0]} (${why(reason)})`, `${words[1]} (${why(reason)})`];
}

/** @returns The reason for which a call or an event waits, with its end time. Empty if it only waits for its turn. */
function because(waits: Wait | null | undefined, telling: Telling): string {
  if (waits === null || waits === undefined || waits.reason === "in_turn") return "";
  if (waits.reason === "not_due" && waits.until !== null) return `: it is due at ${minuteText(waits.until, telling)}`;
  const until = waits.until === null ? "" : `, until ${minuteText(waits.until, telling)}`;
  return ` (${why(waits.reason)}${until})`;
}

/** @returns A time to the minute: `Sat 28 Nov, 07:15 UTC`. */
function minuteText(ms: number, { zone, nowMs }: Telling): string {
  return `${shortTimeText(iso(ms), nowMs, zone).replace(/:\d\d$/, "")}${zone === "UTC" ? " UTC" : ""}`;
}

/** @returns A day: `Sat 28 Nov`, with its year if it is not the present one. */
function dayText(ms: number, { zone, nowMs }: Telling): string {
  return shortTimeText(iso(ms), nowMs, zone).replace(/,.*$/, "");
}

/** @returns A reason as part of a sentence. An unknown code of another version is shown unchanged. */
function why(code: string): string {
  const { what } = explanationOf(code);
  return what === code ? code : lower(what.replace(/(?:; the call may (?:still )?have rung)?\.$/, ""));
}

function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

function numeral(count: number): string {
  return numerals[count] ?? String(count);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Names keep their capitals. */
function lower(text: string): string {
  return /^(?:Mihu|Hookline|Postgres)\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
