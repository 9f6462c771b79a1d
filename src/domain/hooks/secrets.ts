/** The secrets of a hook, which are stored as one sealed text. */

/** `former`: the secret before the last rotation. `headers`: names in lower case. */
export type HookSecrets = {
  readonly secret: string;
  readonly former: string | null;
  readonly headers: Readonly<Record<string, string>>;
};

/** @returns The text to seal. */
export function writeSecrets(secrets: HookSecrets): string {
  return JSON.stringify(secrets);
}

/** @param text an opened text, which only {@link writeSecrets} makes */
export function readSecrets(text: string): HookSecrets {
  return JSON.parse(text) as HookSecrets;
}
