/**
 * Messages to operators, for hooks of the format `slack` or `email`. A message is made of our own words and of quoted
 * texts: names, order numbers and reasons that somebody else wrote. `message-formats.ts` writes both so that a quoted text
 * stays a text.
 *
 * Not guaranteed: a mail program may turn an address in a quoted text into a link by itself.
 */
import { problemReasons } from "../problem-reasons.ts";

/** An event as a hook receives it: `data` is that of the body. */
type MessageEvent = {
  readonly type: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Words of ours, or a text that somebody else wrote. */
export type MessagePart = string | { readonly quoted: string };

type MessageLine = readonly MessagePart[];

export type Message = {
  readonly title: MessageLine;
  readonly lines: readonly MessageLine[];
  /** A page of Hookline; null if its public address is unknown. */
  readonly link: { readonly url: string; readonly words: string } | null;
};

export type MessageDeps = {
  /** Address of the service without a slash at its end; null if it is not configured. */
  readonly publicUrl: string | null;
  /** Replaces secrets and phone numbers in a text. */
  readonly scrub: (text: string) => string;
};

/** Calls that a digest lists. */
const callsListedMax = 10;

/** Characters of a name or an order number, and of a sentence. */
const nameCharactersMax = 120;
const sentenceCharactersMax = 500;

/** @returns The message of an event; null for an event without one, as most events of calls. */
export function messageOf(event: MessageEvent, deps: MessageDeps): Message | null {
  if (event.type === "call.review") return reviewDigest([event], deps);
  const write = Object.hasOwn(writers, event.type) ? writers[event.type] : undefined;
  return write === undefined ? null : write(factsOf(event, deps));
}

/** @returns One message about calls that wait for a person: events `call.review`, at least one. */
export function reviewDigest(reviews: readonly MessageEvent[], deps: MessageDeps): Message {
  const count = reviews.length;
  const listed = reviews.slice(0, callsListedMax).map((event): MessageLine => {
    const { name } = factsOf(event, deps);
    const order = name("order_number");
    return order === null ? ["- a call without an order number: ", name("id") ?? "id unknown"] : ["- order ", order];
  });
  const more = count > listed.length ? [[`- and ${count - listed.length} more`]] : [];
  return {
    title: [count === 1 ? "1 call waits for your decision" : `${count} calls wait for your decision`],
    lines: [["Nobody knows whether they rang. Look for each at Mihu, then resolve it."], ...listed, ...more],
    link: linkTo(deps, "/", "Open Hookline"),
  };
}

type Facts = {
  readonly name: (field: string) => MessagePart | null;
  readonly sentence: (field: string) => string | null;
  readonly count: (field: string) => number | null;
  readonly time: (field: string) => string | null;
  /** Host of a URL. The rest of a hook's address may be a secret. */
  readonly host: (field: string) => MessagePart;
  readonly over: boolean;
  readonly page: (path: string, words: string) => Message["link"];
  readonly slug: string | null;
};

function factsOf({ data }: MessageEvent, deps: MessageDeps): Facts {
  const text = (field: string): string | null => {
    const value = data[field];
    return typeof value === "string" && value.trim() !== "" ? value : null;
  };
  const name = (field: string): MessagePart | null => {
    const value = text(field);
    return value === null ? null : { quoted: cut(value, nameCharactersMax) };
  };
  return {
    name,
    sentence: (field) => {
      const value = text(field);
      return value === null ? null : cut(deps.scrub(value), sentenceCharactersMax);
    },
    count: (field) => {
      const value = data[field];
      return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
    },
    time: (field) => timeOf(data[field]),
    host: (field) => {
      const host = URL.parse(text(field) ?? "")?.host;
      return host === undefined || host === "" ? "an unknown address" : { quoted: cut(host, nameCharactersMax) };
    },
    over: data.over === true,
    page: (path, words) => linkTo(deps, path, words),
    slug: text("source"),
  };
}

const writers: Readonly<Record<string, (facts: Facts) => Message>> = {
  "line.paused": ({ name, sentence, page }) => ({
    title: ["Line ", name("line") ?? "unknown", " is paused"],
    lines: [
      ...(sentence("reason_text") === null ? [] : [[sentence("reason_text") ?? ""]]),
      ...quotedLine("Detail: ", sentence("detail")),
      ["Its calls wait."],
    ],
    link: page("/", "Open Hookline"),
  }),
  "line.resumed": ({ name, sentence, page }) => ({
    title: ["Line ", name("line") ?? "unknown", " calls again"],
    lines: quotedLine("Detail: ", sentence("detail")),
    link: page("/", "Open Hookline"),
  }),
  "source.rejecting": (facts) => (facts.over ? rejectingOver(facts) : rejecting(facts)),
  "source.silent": (facts) => (facts.over ? heardAgain(facts) : silent(facts)),
  "hook.failing": (facts) =>
    aboutHook(facts, ["Deliveries to ", facts.host("target"), " fail"], "They are tried again."),
  "hook.disabled": (facts) =>
    aboutHook(
      facts,
      ["The hook to ", facts.host("target"), " is disabled"],
      "It gets no more events until you resume it.",
    ),
  "hook.recovered": (facts) => aboutHook(facts, ["Deliveries to ", facts.host("target"), " succeed again"], null),
  "hook.test": ({ page }) => ({
    title: ["A test of this hook"],
    lines: [["Somebody asked Hookline to send this message. Nothing is wrong."]],
    link: page("/", "Open Hookline"),
  }),
};

function rejecting(facts: Facts): Message {
  const { name, count, time } = facts;
  const [refused, accepted, reason, since] = [count("refused"), count("accepted"), name("reason"), time("since")];
  const counts =
    refused === null
      ? []
      : [
          [
            `In ten minutes it refused ${refused} requests${accepted === null ? "" : `, and accepted ${accepted} events`}.`,
          ],
        ];
  return {
    title: ["Source ", name("source") ?? "unknown", " refuses most requests"],
    lines: [
      ...counts,
      ...(reason === null ? [] : [["Most frequent reason: ", reason]]),
      ...sinceLine(since),
      [problemReasons.source_rejecting.next],
    ],
    link: sourcePage(facts),
  };
}

function rejectingOver(facts: Facts): Message {
  return {
    title: ["Source ", facts.name("source") ?? "unknown", " no longer refuses most requests"],
    lines: [["This was not so for ten minutes."], ...sinceLine(facts.time("since"), "It did since ")],
    link: sourcePage(facts),
  };
}

function silent(facts: Facts): Message {
  return {
    title: ["Source ", facts.name("source") ?? "unknown", " is silent"],
    lines: [...sinceLine(facts.time("since"), "It accepted no new event since "), [problemReasons.source_silent.next]],
    link: sourcePage(facts),
  };
}

function heardAgain(facts: Facts): Message {
  return {
    title: ["Source ", facts.name("source") ?? "unknown", " is heard again"],
    lines: sinceLine(facts.time("since"), "It was silent since "),
    link: sourcePage(facts),
  };
}

function aboutHook({ sentence, time, page }: Facts, title: MessageLine, meaning: string | null): Message {
  const why = sentence("reason_text");
  return {
    title,
    lines: [...(why === null ? [] : [[why]]), ...sinceLine(time("since")), ...(meaning === null ? [] : [[meaning]])],
    link: page("/", "Open Hookline"),
  };
}

function sourcePage({ page, slug }: Facts): Message["link"] {
  // The name of a source is short. Any other text would make an endless address.
  return slug === null || slug.length > nameCharactersMax
    ? page("/sources", "Open the sources")
    : page(`/sources/${encodeURIComponent(slug.toWellFormed())}`, "Open the source");
}

function sinceLine(since: string | null, words = "Since "): MessageLine[] {
  return since === null ? [] : [[`${words}${since}.`]];
}

function quotedLine(words: string, text: string | null): MessageLine[] {
  return text === null ? [] : [[words, { quoted: text }]];
}

function linkTo({ publicUrl }: MessageDeps, path: string, words: string): Message["link"] {
  const url = publicUrl === null ? null : URL.parse(`${publicUrl}${path}`);
  return url === null ? null : { url: url.href, words };
}

/** @returns A time of a body, in ISO 8601 or epoch milliseconds, to the minute. */
function timeOf(value: unknown): string | null {
  const ms = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : Number.NaN;
  // The range of Date (ECMA-262, 21.4.1.1).
  if (!(Math.abs(ms) <= 8.64e15)) return null;
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Cuts a text between characters, never within one. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).replace(/[\ud800-\udbff]$/, "")}…`;
}
