import { describe, expect, test } from "vitest";
import { mailOf, mailRequest, slackMessage } from "../../../src/domain/hooks/message-formats.ts";
import { type Message, type MessageDeps, messageOf, reviewDigest } from "../../../src/domain/hooks/messages.ts";

const at = Date.parse("2026-01-05T18:00:00Z");
const since = "2026-01-05T17:42:10.000Z";
const deps: MessageDeps = {
  publicUrl: "https://calls.example.com",
  scrub: (text) => text.replace(/\+\d{7,}/g, "[number]"),
};
const paused = {
  type: "line.paused",
  data: { line: "main", reason: "paused_by_person", reason_text: "A person paused the line.", detail: "holidays" },
};
const message = (type: string, data: object, with_: MessageDeps = deps): Message => {
  const made = messageOf({ type, at, data: { ...data } }, with_);
  if (made === null) throw new Error(`${type} has no message`);
  return made;
};
const inSlack = (made: Message) =>
  slackMessage(made)
    .blocks.map(({ text }) => text.text)
    .join("\n");

describe("the message of an event", () => {
  test.each([
    ["line.paused", paused.data, "Line «main» is paused", "Its calls wait."],
    ["line.resumed", { line: "main" }, "Line «main» calls again", ""],
    [
      "source.rejecting",
      { source: "shop", reason: "signature_wrong", refused: 40, accepted: 3, since, over: false },
      "Source «shop» refuses most requests",
      "In ten minutes it refused 40 requests, and accepted 3 events.\nMost frequent reason: «signature_wrong»",
    ],
    [
      "source.rejecting",
      { source: "shop", since, over: true },
      "Source «shop» no longer refuses most requests",
      "17:42",
    ],
    [
      "source.silent",
      { source: "shop", since, over: false },
      "Source «shop» is silent",
      "It accepted no new event since 2026-01-05 17:42 UTC.",
    ],
    ["source.silent", { source: "shop", since, over: true }, "Source «shop» is heard again", "It was silent since"],
    [
      "hook.failing",
      { target: "https://hooks.zapier.com/hooks/catch/123/abc", reason_text: "It answers 500.", since },
      "Deliveries to «hooks.zapier.com» fail",
      "It answers 500.\nSince 2026-01-05 17:42 UTC.",
    ],
    ["hook.disabled", { target: "https://hooks.zapier.com/x" }, "The hook to «hooks.zapier.com» is disabled", "resume"],
    ["hook.recovered", { target: "https://hooks.zapier.com/x" }, "Deliveries to «hooks.zapier.com» succeed again", ""],
    ["hook.test", {}, "A test of this hook", "Nothing is wrong."],
    ["call.review", { id: "c1", order_number: "#1001" }, "1 call waits for your decision", "- order «#1001»"],
  ])("%s says what happened", (type, data, title, words) => {
    const mail = mailOf(message(type, data));
    expect(mail.subject).toBe(`Hookline: ${title}`);
    expect(mail.text).toContain(words);
    expect(mail.text).toContain(": https://calls.example.com/");
    expect(slackMessage(message(type, data)).text).toBe(title.replace(/«(.+)»/, "`$1`"));
  });

  test("has a link only if the service knows its address", () => {
    const made = message(paused.type, paused.data, { ...deps, publicUrl: null });
    expect([made.link, mailOf(made).text.includes("http")]).toEqual([null, false]);
    const silent = message("source.silent", { source: "shop", since });
    expect(inSlack(silent)).toContain("<https://calls.example.com/sources/shop|Open the source>");
  });

  test("is none of most events of calls, or of one that a later version knows", () => {
    for (const type of ["call.ended", "call.queued", "", "constructor", "__proto__"])
      expect(messageOf({ type, at, data: {} }, deps)).toBeNull();
  });

  test("never shows a hook's address, of which each part but the host may be a secret", () => {
    const target = "https://user:password@hooks.slack.com/services/T0/B0/secret?token=secret2";
    const made = message("hook.failing", { target });
    for (const text of [JSON.stringify(slackMessage(made)), JSON.stringify(mailOf(made))])
      expect(text).not.toMatch(/secret|password|services/);
  });

  test("has its sentences scrubbed", () => {
    const detail = "Ada at +14155550100 asked for it";
    expect(mailOf(message("line.paused", { ...paused.data, detail, reason_text: detail })).text).not.toContain(
      "415555",
    );
  });

  test.each([
    ["nothing", {}],
    ["numbers", { line: 1, source: 2, target: 3, since: Number.NaN, refused: "4", accepted: -1, over: "true" }],
    ["objects", { line: {}, source: [], target: { a: 1 }, since: {}, refused: null, reason_text: ["x"], detail: {} }],
    ["times out of range", { since: 8.7e15 }],
    ["lone surrogates", { line: "\ud800", source: "\udfff", target: "\ud800", reason_text: "\ud800" }],
  ])("is one also if its data has %s", (_, data) => {
    for (const type of [
      "line.paused",
      "line.resumed",
      "source.rejecting",
      "source.silent",
      "hook.failing",
      "call.review",
    ]) {
      const made = message(type, data);
      expect(JSON.stringify([slackMessage(made), mailOf(made)])).not.toMatch(/undefined|NaN|\[object|null|\\ud[89a-f]/);
    }
  });
});

describe("a digest", () => {
  const reviews = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      type: "call.review",
      at,
      data: { id: `c${n}`, order_number: `#${n}` },
    }));

  test("lists at most ten calls and counts the others", () => {
    const three = mailOf(reviewDigest(reviews(3), deps));
    expect(three.subject).toBe("Hookline: 3 calls wait for your decision");
    expect(three.text.match(/^- .*$/gm)).toEqual(["- order «#0»", "- order «#1»", "- order «#2»"]);
    const ten = mailOf(reviewDigest(reviews(10), deps)).text.match(/^- .*$/gm);
    expect([ten?.length, ten?.at(-1)]).toEqual([10, "- order «#9»"]);
    const many = mailOf(reviewDigest(reviews(250), deps)).text.match(/^- .*$/gm);
    expect([many?.length, many?.at(-1)]).toEqual([11, "- and 240 more"]);
  });

  test("names a call without an order number by its id", () => {
    const text = mailOf(reviewDigest([{ type: "call.review", at, data: { id: "c1", order_number: null } }], deps)).text;
    expect(text).toContain("- a call without an order number: «c1»");
  });
});

/** Texts of strangers: a customer writes an order number, a person a reason. */
const hostile = [
  "<!channel> look",
  "<!here|x>",
  "@channel @everyone <@U123>",
  "<https://evil.example|Open Hookline>",
  "https://evil.example/phish",
  "` <https://evil.example|x> `",
  "&lt;!channel&gt;",
  "*bold* _it_ ~no~ :tada:",
  "#1\r\nBcc: victim@example.com",
  "#1\n\n<script>alert(1)</script>",
  "#1\u2028\u2029\u0085Subject: x",
  "\u202egnp.exe\u2066",
  "`".repeat(500),
  "<".repeat(5_000),
  "😀".repeat(500),
  " ",
];

describe.each(hostile)("the text %j", (text) => {
  const all = [
    message("line.paused", { line: text, reason_text: "Paused.", detail: text }),
    message("source.rejecting", { source: text, reason: text, refused: 10, accepted: 0, since, over: false }),
    message("hook.disabled", { target: text, reason_text: text, since }),
    reviewDigest(
      Array.from({ length: 12 }, () => ({ type: "call.review", at, data: { id: text, order_number: text } })),
      deps,
    ),
  ];

  test("makes neither a link nor a mention in Slack", () => {
    for (const made of all) {
      const { text: head, blocks } = slackMessage(made);
      expect(head).not.toMatch(/[<>\n]/);
      for (const block of blocks) {
        expect(block.text.verbatim).toBe(true);
        expect(block.text.text.length).toBeLessThanOrEqual(3_000);
        expect(block.text.text.length).toBeGreaterThan(0);
      }
      const markup = blocks.flatMap((block) => block.text.text.match(/<[^>]*>/g) ?? []);
      expect(markup).toEqual([expect.stringMatching(/^<https:\/\/calls\.example\.com\/[^|<>]*\|Open [a-zA-Z ]+>$/)]);
      expect(
        blocks
          .map((block) => block.text.text)
          .join("\n")
          .replaceAll(/<[^>]*>/g, ""),
      ).not.toMatch(/[<>]/);
    }
  });

  test("stays within a code span in Slack, if it is quoted", () => {
    const [line, ,] = inSlack(all[0] as Message).split("\n");
    expect(line).toMatch(/^\*Line (?:`[^`]+`|unknown) is paused\*$/);
  });

  test("begins no header of a mail", () => {
    for (const made of all) {
      const { subject, text: body } = mailOf(made);
      expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(subject.length).toBeLessThanOrEqual(200);
      expect(subject.isWellFormed()).toBe(true);
      expect(body.split("\n").some((line) => /^(?:Bcc|Subject|<script)/.test(line))).toBe(false);
      const request = JSON.parse(
        mailRequest({ url: "https://m.example", key: "k", from: "a@b.c" }, "c@d.e", "msg_1", made).body,
      );
      expect(Object.keys(request)).toEqual(["from", "to", "subject", "text"]);
    }
  });
});

test("a request to send a mail has the form of Resend's API, and an id that sends it once", () => {
  const api = { url: "https://api.resend.com/emails", key: "re_1", from: "Hookline <calls@example.com>" };
  const { url, headers, body } = mailRequest(api, "ops@example.com", "msg_1", message(paused.type, paused.data));
  expect(url).toBe(api.url);
  expect(headers).toEqual({
    authorization: "Bearer re_1",
    "content-type": "application/json",
    "user-agent": "Hookline",
    "idempotency-key": "msg_1",
  });
  expect(JSON.parse(body)).toMatchObject({
    from: api.from,
    to: "ops@example.com",
    subject: "Hookline: Line «main» is paused",
  });
});
