import { expect, test } from "vitest";
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeLooseBase64,
  encodeBase64,
  equalDigests,
  utf8,
} from "../../src/platform/bytes.ts";

const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

test.each<[string, string, readonly number[] | null]>([
  ["nothing", "", []],
  ["one byte", "/w==", [255]],
  ["two bytes", "//8=", [255, 255]],
  ["three bytes", "//79", [255, 254, 253]],
  ["unused bits that are set", "/x==", null],
  ["unused bits that are set, before one =", "//9=", null],
  ["no padding", "/w", null],
  ["too much padding", "/w===", null],
  ["padding alone", "====", null],
  ["the alphabet of URLs", "__79", null],
  ["a blank", "// 8=", null],
  ["a line break at the end", "//79\n", null],
  ["four characters that are no letters", "é?é?", null],
  ["text behind the padding", "/w==/w==", null],
])("Base64 with %s is read only in its canonical spelling.", (_what, text, wanted) => {
  expect(decodeBase64(text)).toEqual(wanted === null ? null : Uint8Array.from(wanted));
});

test.each<[string, string, readonly number[] | null]>([
  ["nothing", "", []],
  ["either case", "fFAa", [255, 170]],
  ["an odd number of digits", "fff", null],
  ["a letter that is no digit", "fg", null],
  ["a digit of another script", "１１", null],
  ["a letter whose low byte is a digit", "İİ", null],
  ["a prefix", "0xff", null],
])("Hex with %s is read whole or not at all.", (_what, text, wanted) => {
  expect(decodeHex(text)).toEqual(wanted === null ? null : Uint8Array.from(wanted));
});

test.each<[string, string, readonly number[] | null]>([
  ["the alphabet of URLs, unpadded", "__79_w", [255, 254, 253, 255]],
  ["line breaks", "//79\n//79\n", [255, 254, 253, 255, 254, 253]],
  ["a line break behind the padding", "aGk=\n", [104, 105]],
  ["a line break behind two characters of padding", "aA==\n", [104]],
  ["a line break within the padding", "aA=\n=", [104]],
  ["unused bits that are set", "/x==", [255]],
  ["one letter too many", "//79/", null],
  ["a character of neither alphabet", "//7?", null],
])("Base64 whose spelling proves nothing may have %s.", (_what, text, wanted) => {
  expect(decodeLooseBase64(text)).toEqual(wanted === null ? null : Uint8Array.from(wanted));
});

test("Encoded bytes are read back, also those that are a part of other memory.", () => {
  const part = bytes.subarray(7, 250);
  expect(decodeBase64(encodeBase64(part))).toEqual(Uint8Array.from(part));
  expect(decodeLooseBase64(Buffer.from(part).toString("base64url"))).toEqual(Uint8Array.from(part));
});

test("Decoded bytes have memory of their own.", () => {
  for (const read of [decodeBase64("/w=="), decodeHex("ff"), decodeLooseBase64("/w")])
    expect(read?.buffer.byteLength).toBe(1);
});

test("Bytes are joined in their order.", () => {
  expect(concatBytes([utf8("a"), utf8(""), utf8("bc")])).toEqual(utf8("abc"));
});

test.each<[string, Uint8Array, Uint8Array, boolean]>([
  ["the same bytes", utf8("abc"), utf8("abc"), true],
  ["another last byte", utf8("abc"), utf8("abd"), false],
  ["a beginning of the other", utf8("ab"), utf8("abc"), false],
  ["nothing and nothing", utf8(""), utf8(""), true],
])("Digests with %s are compared without an exception.", (_what, one, other, equal) => {
  expect(equalDigests(one, other)).toBe(equal);
});
