import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";

const bytesMax = 10 << 20;
const tailLines = 20;

/** A private log file, rotated at 10 MiB to `<path>.1`. */
export type LogFile = {
  /** Copies a stream into the log, line by line. */
  follow: (stream: Readable | null) => void;
  /** Its newest lines. */
  tail: () => string;
  close: () => void;
};

/** Opens the log, emptied. Lines that `drop` is true for are not kept. */
export function openLogFile(path: string, drop: (line: string) => boolean): LogFile {
  let file: number | undefined = openSync(path, "w", 0o600);
  let bytes = 0;
  const newest: string[] = [];

  function keep(line: string): void {
    if (file === undefined || drop(line)) return;
    newest.push(line);
    if (newest.length > tailLines) newest.shift();
    bytes += writeSync(file, `${line}\n`);
    if (bytes < bytesMax) return;
    closeSync(file);
    renameSync(path, `${path}.1`);
    file = openSync(path, "w", 0o600);
    bytes = 0;
  }

  return {
    follow(stream) {
      let rest = "";
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) keep(line);
      });
    },
    tail: () => newest.join("\n"),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
