/** Files as editors of other systems save them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CommandError } from "../../cli/command.ts";
import { readText } from "../../cli/local/files.ts";

const folder = mkdtempSync(join(tmpdir(), "hookline-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(bytes: Uint8Array): string {
  const path = join(folder, "hookline.yaml");
  writeFileSync(path, bytes);
  return path;
}

test.each<[string, Uint8Array]>([
  ["Latin-1", Buffer.from("about: Grüße aus Köln\n", "latin1")],
  ["UTF-16 with its mark", Buffer.from("\uFEFFabout: x\n", "utf16le")],
  ["Windows-1252", Uint8Array.of(0x61, 0x3a, 0x20, 0x93, 0x78, 0x94)],
  ["Shift JIS", Uint8Array.of(0x83, 0x6e, 0x83, 0x8d)],
  ["a cut letter at the end", Buffer.from("a: ü").subarray(0, 4)],
  ["half of a surrogate pair", Uint8Array.of(0xed, 0xa0, 0x80)],
])("A file in %s is refused, and not read as other letters.", (_, bytes) => {
  const path = saved(bytes);
  expect(() => readText(path)).toThrow(new CommandError(`${path} is not UTF-8: save it in that charset`));
});

test.each<[string, string, string]>([
  ["letters of many alphabets", "Grüße, 東京, привет, 😀\n", "Grüße, 東京, привет, 😀\n"],
  ["a byte order mark", "\uFEFF{}", "{}"],
  ["nothing", "", ""],
])("A file of UTF-8 with %s is read.", (_, text, read) => {
  expect(readText(saved(Buffer.from(text)))).toBe(read);
});

test("A file that is not there is told by its name.", () => {
  expect(() => readText(join(folder, "none"))).toThrow("none cannot be read (ENOENT)");
});
