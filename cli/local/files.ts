import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { CommandError } from "../command.ts";

/** Writes a file with mode 0600, atomically: a reader never sees half of it. */
export function writePrivate(path: string, text: string): void {
  const next = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(next, text, { mode: 0o600, flag: "wx" });
  renameSync(next, path);
}

/** The file's text, or undefined if the file does not exist. Any other failure is thrown. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}

/**
 * A file's text, without its byte order mark. Throws one sentence if the file cannot be read, or is not UTF-8: with a
 * wrong charset, names and texts would be stored and spoken incorrectly.
 */
export function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`${file} is not UTF-8: save it in that charset`);
  }
}

/** A file's bytes. Throws one sentence if the file cannot be read. */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "?"})`,
    );
  }
}
