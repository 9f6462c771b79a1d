import { describe, expect, it } from "vitest";
import { checkHeaders } from "../../../src/domain/hooks/headers.ts";

describe("the headers of a hook", () => {
  it("are stored under lower-case names", () => {
    const given = { Authorization: "Bearer abc.def", "X-Api-Key": "k\te y", "x-host": "1" };
    const headers = { authorization: "Bearer abc.def", "x-api-key": "k\te y", "x-host": "1" };
    expect(checkHeaders(given)).toEqual({ ok: true, headers });
    expect(checkHeaders({})).toEqual({ ok: true, headers: {} });
  });

  it.each([
    ...["Host", "cookie", "Content-Type", "content-length", "Transfer-Encoding", "webhook-id", "Webhook-Signature"],
    ...["hookline-delivery", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "proxy-authorization", "CF-Ray"],
    ...["Expect", "Set-Cookie", "X-Forwarded-For", "User-Agent"],
  ])("%s is reserved", (name) => {
    const mistakes = [{ name, reason: expect.stringContaining("reserved") }];
    expect(checkHeaders({ [name]: "secret-value" })).toEqual({ ok: false, mistakes });
  });

  it.each(["", " x", "x y", "x:", "x\r\ny", "ü", "x\0", "x".repeat(101)])("%j is no name", (name) => {
    expect(checkHeaders({ [name]: "v" })).toMatchObject({ ok: false });
  });

  it.each([
    ["CRLF", "a\r\nx-evil: 1"],
    ["a line feed", "a\nb"],
    ["NUL", "a\0b"],
    ["a control character", "a\u0007"],
    ["a letter beyond ASCII", "müller"],
    ["nothing", ""],
    ["a blank before", " a"],
    ["a blank behind", "a "],
    ["too much", "a".repeat(2_049)],
  ])("a value with %s is refused, and is not quoted", (_, value) => {
    const checked = checkHeaders({ "x-key": value });
    expect(checked).toEqual({ ok: false, mistakes: [{ name: "x-key", reason: expect.any(String) }] });
    if (value.trim().length > 3) expect(JSON.stringify(checked)).not.toContain(JSON.stringify(value).slice(1, -1));
  });

  it("are at most twenty, each named once", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, "1"]));
    expect(checkHeaders(many(20)).ok).toBe(true);
    expect(checkHeaders(many(21)).ok).toBe(false);
    const twice = [{ name: "x-key", reason: "is named twice" }];
    expect(checkHeaders({ "X-Key": "1", "x-key": "2" })).toEqual({ ok: false, mistakes: twice });
  });

  it("may have a name that JavaScript knows", () => {
    const given = JSON.parse('{"__proto__":"1","constructor":"2"}');
    const checked = checkHeaders(given);
    expect(checked.ok && Object.keys(checked.headers).sort()).toEqual(["__proto__", "constructor"]);
  });
});
