/**
 * Sentences of the API and of the command line in the pages' words: a command is the page that does the same, a field is
 * the label of its form. Each sentence that the API, the command line and the pages share passes through here.
 *
 * Commands and variables that only the operator of the service has stay as they are: `hookline migrate`, `SEALING_KEYS`.
 */
import { plain } from "./parts/words.ts";

/** A part of a sentence. `code` is shown as it is written; `href` leads readers with one of the scopes to a page. */
type SentencePart =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string; readonly anyOf: readonly string[] };

type Phrase = {
  /** Source of a regular expression. */
  readonly says: string;
  /** The page's words, as in the middle of a sentence. */
  readonly words: string | ((matched: string) => string);
  readonly page?: { readonly href: string; readonly anyOf: readonly string[] };
};

const health = { href: "/health", anyOf: ["calls:read"] };
const review = { href: "/review", anyOf: ["calls:read"] };
const people = { href: "/people", anyOf: ["calls:write", "admin"] };
const auditLog = { href: "/people/audit", anyOf: ["calls:read", "admin"] };
const hooks = { href: "/hooks", anyOf: ["hooks:write", "admin"] };

/** Labels of fields, by the names that rules, lines, sources and hooks have in the API. */
const labels: Readonly<Record<string, string>> = {
  about: "About",
  agent: "Agent",
  also: "Also",
  api: "Fetching records from the sender's API",
  "api.base_url": "Base URL",
  "api.credential": "Access token",
  burst: "Burst",
  calls_at_once: "Calls at once",
  calls_per_day: "Calls per day (UTC)",
  calls_per_minute: "Calls per minute",
  countries: "Countries",
  country: "Country",
  expires: "Expires",
  fetch: "Fetch",
  greeting: "Greeting",
  hours: "Calling hours",
  line: "Line",
  mode: "Mode",
  number: "Numbers",
  on: "Types of events",
  once_per: "Once per",
  order_number: "Order number",
  prompt: "Prompt",
  scopes: "Scopes",
  shards: "Inboxes",
  silent_after: "Silent after",
  target_url: "Address",
  tenant: "Account",
  test_number: "Test number",
  try_again: "Try again",
  when: "Condition",
  withdraw: "Withdraw",
  zone: "Time zone",
};

/** @returns The label of a field, by its name in the API. */
export function labelOf(name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? name) : plain(name);
}

/** Statuses that sentences name as the API does. */
const statuses = ["dialing", "unknown", "review"];

/** Phrases that come first hide the shorter ones behind them. */
const phrases: readonly Phrase[] = [
  {
    says: "`hookline rejections SOURCE` explains them",
    words: "each source's page of refused requests says why",
  },
  { says: "Apply it again, with its secrets, to open it", words: "open it again in its settings" },
  { says: "Apply the rule again", words: "save the rule again" },
  { says: " See `detail`\\.", words: "" },
  { says: "`hookline rejections` says why", words: "the page of refused requests says why" },
  { says: "`hookline preview` shows each rule's answer", words: "the preview on the rule's form shows its answer" },
  { says: "set another by `hookline rotate-secret`", words: "set another secret" },
  { says: "`hookline fetch-now [^`]+` tries at once", words: "“Fetch now” tries at once" },
  {
    says: "[Ss]et `shards: \\d+` and run `hookline apply`",
    words: (text) => `set “${labels.shards}” in the source's settings to ${/\d+/.exec(text)?.[0] ?? ""}`,
  },
  {
    says: "the page Review, or with `hookline release` and `hookline resolve`",
    words: "the page Review",
    page: review,
  },
  { says: "`resolve` the calls in `review`", words: "say on the page Review whether they rang", page: review },
  { says: "`resolve` the call: it rang, or it did not", words: "say on the call's page whether it rang" },
  {
    says: "`resolve` the call with that `conversation_uuid`, or as not rung",
    words: "say on the call's page whether it rang, and in which conversation",
  },
  { says: "`hookline resume` the", words: "resume the" },
  { says: "Run `hookline verify-audit`", words: "verify the audit log", page: auditLog },
  { says: "`hookline verify-audit`", words: "the verification of the audit log", page: auditLog },
  { says: "accept it with `POST /v1/audit/restored`", words: "an administrator has to accept it by the API" },
  { says: " \\(`POST /v1/tokens/self/renew`\\)", words: "" },
  { says: "with `hookline token`", words: "on the page People", page: people },
  { says: "`hookline revoke` it", words: "revoke it there" },
  {
    says: "with `POST /v1/calls/:id/again`; if a rule made it, a replay with `--ignore-expiry` does too",
    words: "by “Dial again”; if a rule made it, a replay of its event that ignores its age does too",
  },
  { says: "Ask `/readyz` with a token, which reads", words: "open the page Health, which reads", page: health },
  { says: "`/readyz`", words: "the page Health", page: health },
  { says: "Give a preview the record from a file: `--record`\\. ", words: "" },
  { says: "with render `newest`", words: "by today's rule" },
  {
    says: "Send the dry run again, then release the call with the `newest_version` of its answer as `rule_version`",
    words: "open the page “Release” again, and release the call as it is shown then",
  },
  { says: " \\(`render: shown`\\)", words: "" },
  {
    says: "A client that means to call again sends `again: true` with a `reason`",
    words: "a program that means to call again has to say so in its request",
  },
  { says: "`hookline mihu connect` registers one", words: "“Connect to Mihu” on the line's page registers one" },
  { says: "`hookline hooks resume [^`]+` resumes it", words: "the hook's page resumes it", page: hooks },
  {
    says: "(?:Ask|Send it|Send the request|Renew it)(?: again)? after `Retry-After`",
    words: "try it again in a few seconds",
  },
  { says: ", or 503 with Retry-After", words: " or 503" },
  { says: "`readings` in `detail` has both", words: "the evidence has both readings" },
  { says: "`history`", words: "the list of its tries" },
  { says: "`detail`", words: "the evidence" },
  {
    says: "(?<![\\w.])`?settings\\.\\w+`?",
    words: (text) => `the setting “${plain(text.replace(/`|settings\./g, ""))}”`,
  },
  { says: "\\bas tenant\\b", words: `as “${labels.tenant}”` },
  { says: `\`(?:${statuses.join("|")})\``, words: (text) => text.replaceAll("`", "") },
  {
    says: `\`(?:${Object.keys(labels).map(escaped).join("|")})\``,
    words: (text) => `“${labels[text.replaceAll("`", "")] ?? text}”`,
  },
];

function escaped(name: string): string {
  return name.replaceAll(".", "\\.");
}

const anyPhrase = new RegExp(phrases.map(({ says }, nth) => `(?<p${nth}>${says})`).join("|"), "g");

/** @returns The parts of a sentence in the pages' words. */
export function pageWords(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let from = 0;
  for (const match of sentence.matchAll(anyPhrase)) {
    const phrase = phrases.find((_, nth) => match.groups?.[`p${nth}`] !== undefined);
    if (phrase === undefined) continue;
    const before = sentence.slice(from, match.index);
    parts.push(...codeParts(before));
    from = match.index + match[0].length;
    const words = typeof phrase.words === "string" ? phrase.words : phrase.words(match[0]);
    const isFirst = /(?:^|[.!?] )$/.test(sentence.slice(0, match.index));
    const text = isFirst ? words.charAt(0).toUpperCase() + words.slice(1) : words;
    if (text === "") continue;
    parts.push(phrase.page === undefined ? { kind: "text", text } : { kind: "link", text, ...phrase.page });
  }
  return [...parts, ...codeParts(sentence.slice(from))];
}

/** @returns A sentence in the pages' words as plain text, for a title. */
export function wordsOf(sentence: string): string {
  return pageWords(sentence)
    .map(({ text }) => text)
    .join("");
}

/** Code in backticks. */
function codeParts(text: string): SentencePart[] {
  return text
    .split("`")
    .map((part, nth): SentencePart => ({ kind: nth % 2 === 1 ? "code" : "text", text: part }))
    .filter((part) => part.text !== "");
}

/** @returns A reason of the API, which continues the name of a field, with its full stop. */
export function withStop(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** @returns A reason of the API, which continues the name of a field, as a sentence of its own. */
export function ownSentence(reason: string): string {
  if (/^(?:must|is|are|was|were|has|cannot|may|needs|names|holds|would)\b/.test(reason))
    return withStop(`It ${reason}`);
  // A name keeps its letters.
  const isWord = /^[a-z]+(?=[ ,.]|$)/.test(reason);
  return withStop(isWord ? reason.charAt(0).toUpperCase() + reason.slice(1) : reason);
}
