/**
 * Messages as Slack and mail have them. A quoted text is one line in both, without control characters.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text
 * @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 * @see https://resend.com/docs/api-reference/emails/send-email
 */
import type { Message, MessagePart } from "./messages.ts";

/** Slack refuses a longer text of a section. */
const sectionCharactersMax = 3_000;

const subjectCharactersMax = 200;

/**
 * `verbatim`: Slack makes no link and no mention of plain text. Markup (`<…>`, `*…*`) still counts, so every text is
 * escaped.
 */
type SlackSection = {
  readonly type: "section";
  readonly text: { readonly type: "mrkdwn"; readonly text: string; readonly verbatim: true };
};

/** Body for Slack's incoming webhooks. `text` is shown by notifications, `blocks` in the channel. */
type SlackMessage = { readonly text: string; readonly blocks: readonly SlackSection[] };

export function slackMessage({ title, lines, link }: Message): SlackMessage {
  const head = inSlack(title);
  const texts = [`*${head}*`, ...lines.map(inSlack)];
  if (link !== null) texts.push(`<${escaped(link.url).replaceAll("|", "%7C")}|${escaped(link.words)}>`);
  const sections: string[] = [];
  for (const text of texts) {
    const last = sections.at(-1);
    const joined = `${last}\n${text}`;
    if (last === undefined || joined.length > sectionCharactersMax) sections.push(text);
    else sections[sections.length - 1] = joined;
  }
  return {
    text: head,
    blocks: sections.map((text) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } })),
  };
}

/** Slack reads no markup inside a code span, and such a span ends only at a backtick. */
function inSlack(parts: readonly MessagePart[]): string {
  return parts
    .map((part) =>
      typeof part === "string" ? oneLine(part) : `\`${oneLine(part.quoted).replaceAll("`", "'").trim() || " "}\``,
    )
    .map(escaped)
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

type Mail = { readonly subject: string; readonly text: string };

/** A subject of one line, because a line feed in it would begin another header. */
export function mailOf({ title, lines, link }: Message): Mail {
  const head = inMail(title);
  const end = link === null ? [] : ["", `${link.words}: ${link.url}`];
  return {
    subject: `Hookline: ${head}`.slice(0, subjectCharactersMax).toWellFormed(),
    text: [`${head}.`, "", ...lines.map(inMail), ...end, ""].join("\n"),
  };
}

function inMail(parts: readonly MessagePart[]): string {
  return parts.map((part) => (typeof part === "string" ? oneLine(part) : `«${oneLine(part.quoted)}»`)).join("");
}

/** The API that sends mail: `POST` to its URL, in the form of Resend's `/emails`. */
export type MailApi = { readonly url: string; readonly key: string; readonly from: string };

/** A request to send a mail, for `fetch`. */
type MailRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * @param to Address of the receiver.
 * @param id The delivery, at most 256 characters. The API sends a mail of the same id once.
 */
export function mailRequest(api: MailApi, to: string, id: string, message: Message): MailRequest {
  return {
    url: api.url,
    headers: {
      authorization: `Bearer ${api.key}`,
      "content-type": "application/json",
      // Resend refuses requests without one.
      "user-agent": "Hookline",
      "idempotency-key": id,
    },
    body: JSON.stringify({ from: api.from, to, ...mailOf(message) }),
  };
}

/** Characters that end a line, move the cursor, hide or reorder text. */
const unseen =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

function oneLine(text: string): string {
  return text.toWellFormed().replace(unseen, " ");
}
