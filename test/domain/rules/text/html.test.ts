/** HTML in values: entities are decoded once, and `strip_html` is Liquid's. */
import { Liquid } from "liquidjs";
import { describe, expect, it } from "vitest";
import { buildContext } from "../../../../src/domain/rules/context.ts";
import { decodeEntities, withoutTags } from "../../../../src/domain/rules/text/html.ts";
import type { TextUse } from "../../../../src/domain/rules/text/program.ts";
import { compileText, renderText } from "../../../../src/domain/rules/text/text.ts";

const event = { id: "evt_1", type: "lead.new", occurredAt: null, source: "shop" };
const render = (source: string, data: unknown, use: TextUse = "greeting") => {
  const made = compileText(source, use);
  if (!made.ok) throw new Error(made.mistake.reason);
  const text = renderText(made.text, buildContext(event, data, null));
  // Without the marks of a quotation.
  return text.ok ? { ...text, value: text.value.replaceAll(/[«»]/g, "") } : text;
};

describe("entities of a value", () => {
  it.each([
    ["O&#39;Brien", "O'Brien"],
    ["O&#x27;Brien", "O'Brien"],
    ["O&apos;Brien &amp; S&ouml;hne", "O'Brien & Söhne"],
    ["Zo&euml; &#8220;Z&#8221; &#128512;", "Zoë “Z” 😀"],
    ["a&nbsp;b", "a b"],
    // Once only.
    ["&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"],
    // No references: an address, names of companies, what is not closed or not known.
    ["?a=1&copy=2&reg=3", "?a=1&copy=2&reg=3"],
    ["AT&T, R&D, Q&A &", "AT&T, R&D, Q&A &"],
    ["Tom &Jerry; &#; &#x; &nope;", "Tom &Jerry; &#; &#x; &nope;"],
    // Invalid code points become U+FFFD, as HTML specifies; numeric references of windows-1252 are known.
    ["&#0; &#xD800; &#99999999;", "� � �"],
    ["&#150;", "–"],
  ])("%j is said as %j", (value, said) => {
    expect(decodeEntities(value)).toBe(said);
  });

  it.each([
    ["Hello {{ data.name }}", "Hello Zoë O'Brien"],
    ["{{ data.name | upcase }}", "ZOË O'BRIEN"],
    ["{{ data.name | truncate: 5, '' }}", "Zoë O"],
    ["{{ data.name | slice: 2 }}", "ë"],
    ["{{ data.name | split: ' ' | last }}", "O'Brien"],
    ["{{ data.name | append: ' & ' | append: data.other }}", "Zoë O'Brien & A & B"],
    ["{{ 'Dear ' | append: data.other }}", "Dear A & B"],
    ["{{ data.other | replace: '&amp;', 'and' }}", "A and B"],
    ["{{ data.missing | default: data.other }}", "A & B"],
    ["{% for n in data.list %}{{ n }} {% endfor %}", "<a> <b>"],
    // Decoded once, however often it is handed on.
    ["{{ data.twice }}", "&lt;b&gt;"],
    ["{% assign t = data.twice %}{% assign u = t %}{{ u | strip }}", "&lt;b&gt;"],
    ["{{ data.twice | truncate: 40 | append: '!' }}", "&lt;b&gt;!"],
    [
      "{% assign t = data.twice | split: ' ' %}{{ t | first }}{% for x in t %}{{ x }}{% endfor %}",
      "&lt;b&gt;&lt;b&gt;",
    ],
    // Before it decodes, strip_html tells tags from text.
    ["{{ data.html | strip_html }}", "1 < 2 > 1 & so"],
    ["{{ data.html | strip_html | truncate: 5, '' }}", "1 < 2"],
    ["{{ data.html | truncate: 200 | strip_html | upcase }}", "1 < 2 > 1 & SO"],
    // An author's own words stay as they are.
    ["{{ data.missing | default: 'A &amp; B' }} &amp;", "A &amp; B &amp;"],
  ])("%s says %j", (source, said) => {
    const data = {
      name: "Zo&euml; O&#39;Brien",
      other: "A &amp; B",
      twice: "&amp;lt;b&amp;gt;",
      html: "<p>1 &lt; 2 &gt; 1 &amp; so</p>",
      list: ["&lt;a&gt;", "&lt;b&gt;"],
    };
    expect(render(source, data)).toMatchObject({ ok: true, value: said });
  });

  it("hidden characters and line breaks that come as entities are cleaned like others", () => {
    expect(render("{{ data.a }}", { a: "A&#10;B&#x202E;C&#x200B;D&ZeroWidthSpace;" })).toMatchObject({
      value: "A BCD",
    });
  });

  it("keys, numbers and order numbers stay as they were sent", () => {
    expect(render("{{ data.id }}", { id: "A&amp;1" }, "value")).toMatchObject({ value: "A&amp;1" });
  });

  it("a loop over megabytes of them is bounded by what it goes through, not by time", () => {
    const big = "&amp;".repeat(200_000);
    const made = render(
      "{% for i in data.many %}{{ data.big }}{% endfor %}",
      { many: Array(1_000).fill(1), big },
      "about",
    );
    expect(made).toMatchObject({ ok: false });
    expect(render("{{ data.big | truncate: 9, '' }}", { big })).toMatchObject({ value: "&&&&&&&&&" });
  });
});

describe("strip_html", () => {
  const liquid = new Liquid();

  it.each([
    "<p>hi <b>you</b></p>",
    "a < b",
    "a < b > c",
    "<style>p{a>b}</style>x",
    '<style type="text/css">p{margin:0}</style><p>x</p>',
    "<script>var a = 1 < 2;</script>x",
    '<script src="x"></script >y',
    "<!-- x > y -->z",
    "<!----><p>z</p>",
    "a<br>b<br/>c",
    "<p\nclass='x'>a</p>",
    "<styled>a</styled>",
    "<b<i>x</i>",
    "",
    ">",
    "plain",
  ])("does with %j what Liquid's does", (html) => {
    expect(withoutTags(html)).toBe(liquid.parseAndRenderSync("{{ a | strip_html }}", { a: html }));
  });

  it.each([
    ["<STYLE>p{}</STYLE>x", "x"],
    ["<Script>a()</sCRIPT>x", "x"],
    // Cut off by the sender.
    ["x<style>p{margin:0;color", "x"],
    ["x<!-- never closed", "x"],
    ["x<script>if (a > b) {", "x"],
  ])("also takes %j for %j, as a browser does", (html, said) => {
    expect(withoutTags(html)).toBe(said);
  });

  it.each(["<", "<!--", "<style", "<script>", "</style>", "<style></"])("is linear over a megabyte of %s", (part) => {
    expect(withoutTags(part.repeat(Math.floor(1_000_000 / part.length))).length).toBeLessThanOrEqual(1_000_000);
  });
});
