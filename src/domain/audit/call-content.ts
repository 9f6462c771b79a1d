/** The content of a call, its number and texts. The entry about its creation commits to it. */
export type CallContent = {
  readonly number: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly promptOverwrite: boolean;
  readonly greeting: string | null;
};

/**
 * @returns The canonical text of a content: JSON without blanks, with sorted names, so that a reader of the row can
 *   produce it again.
 */
export function contentText({ number, about, prompt, promptOverwrite, greeting }: CallContent): string {
  return JSON.stringify({ about, greeting, number, prompt, prompt_overwrite: promptOverwrite });
}
