/** The content of a call, its number and its texts, to which the entry of its making commits. */
export type CallContent = {
  readonly number: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly promptOverwrite: boolean;
  readonly greeting: string | null;
};

/** The one text of a content, as JSON without blanks, its names in alphabetical order, so that a reader of the row can write it again. */
export function contentText({ number, about, prompt, promptOverwrite, greeting }: CallContent): string {
  return JSON.stringify({ about, greeting, number, prompt, prompt_overwrite: promptOverwrite });
}
