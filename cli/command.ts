/** Types of a command-line verb. */

/** A verb's streams and environment. */
export type Io = {
  env: Readonly<Record<string, string | undefined>>;
  /** The result, on standard output: a script may read it. */
  out(text: string): void;
  /** Messages for a person, on standard error. */
  say(text: string): void;
};

export type Command = {
  /** The arguments after the name: `FILE [--dry-run]`. */
  usage: string;
  /** One line for the list of verbs. */
  summary: string;
  /** The text of `--help` below the summary. */
  help: string;
  /** @returns The exit code: 0 for success, 1 for a problem, 2 for wrong usage. */
  run(args: string[], io: Io): Promise<number>;
};

/** A failure that is printed as one sentence, without a stack. */
export class CommandError extends Error {
  readonly code: 1 | 2;
  constructor(sentence: string, code: 1 | 2 = 1) {
    super(sentence);
    this.code = code;
  }
}
