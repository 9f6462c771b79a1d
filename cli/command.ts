/** What a verb of the command line is made of. */

/** Where a verb's words go, and what it finds around it. */
export type Io = {
  env: Readonly<Record<string, string | undefined>>;
  /** What was asked for: a script may read it. */
  out(text: string): void;
  /** What a person should know besides. */
  say(text: string): void;
};

export type Command = {
  /** After the name: `FILE [--dry-run]`. */
  usage: string;
  /** One line for the list of verbs. */
  summary: string;
  /** What `--help` adds to the summary. */
  help: string;
  /** @returns the exit code: 0 good, 1 something is wrong, 2 used wrongly */
  run(args: string[], io: Io): Promise<number>;
};

/** A failure that is told in one sentence, without a stack. */
export class Said extends Error {
  readonly code: 1 | 2;
  constructor(sentence: string, code: 1 | 2 = 1) {
    super(sentence);
    this.code = code;
  }
}
