import { describe, expect, test } from "vitest";
import { CommandError } from "../../cli/command.ts";
import { readRequestFile } from "../../cli/operate/http-file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a saved request", () => {
  test.each([
    ["with CRLF", "\r\n"],
    ["with LF, as an editor leaves it", "\n"],
  ])("is read %s, its body byte by byte", (_, end) => {
    const head = [
      "POST /in/acme?a=1 HTTP/1.1",
      "Host: hooks.acme.example",
      "X-Signature: abc",
      "x-signature:  def ",
      "",
    ].join(end);
    expect(readRequestFile(bytes(`${head}${end}{"a":\r\n"Grüße"}\n`))).toEqual({
      method: "POST",
      url: "https://hooks.acme.example/in/acme?a=1",
      headers: { host: ["hooks.acme.example"], "x-signature": ["abc", "def"] },
      body_base64: base64('{"a":\r\n"Grüße"}\n'),
    });
  });

  test("ends where its length says, whatever an editor put behind it", () => {
    const saved = readRequestFile(bytes("POST /in/acme HTTP/1.1\nContent-Length: 2\n\n{}\n"));
    expect(saved).toMatchObject({ url: "/in/acme", body_base64: base64("{}") });
  });

  test.each([
    ["behind a proxy", "X-Forwarded-Proto: http\nHost: a.example", "http://a.example/in/acme"],
    ["on this machine", "Host: localhost:8787", "http://localhost:8787/in/acme"],
  ])("has the address that it came to %s", (_, headers, url) => {
    expect(readRequestFile(bytes(`POST /in/acme HTTP/1.1\n${headers}\n\n`)).url).toBe(url);
  });

  test("may have no body at all", () => {
    expect(readRequestFile(bytes("POST https://a.example/in/acme\nA: b"))).toMatchObject({
      headers: { a: ["b"] },
      body_base64: "",
    });
  });

  test("may be JSON, as the API takes it", () => {
    const saved = { url: "/in/acme", headers: { a: ["b"] }, body: "{}", at: 5 };
    expect(readRequestFile(bytes(JSON.stringify(saved)))).toEqual(saved);
  });

  test.each([
    ["a webhook's body alone", '{"id": 1}'],
    ["a text", "hello"],
    ["a head that is none", "POST /in/acme HTTP/1.1\nno colon here\n\n{}"],
  ])("is refused where it is %s", (_, text) => {
    expect(() => readRequestFile(bytes(text))).toThrow(CommandError);
  });
});
