/** The search for the secret that made a signature, among those that may be used. */

/** Gives the bytes that are signed. A plain hash has the secret among them; all else ignores it. */
export type SignedBytes = (secret: string) => Uint8Array;

/**
 * Tries one secret against one signature.
 *
 * @returns Whether the secret made it; null if the secret cannot be read as a key.
 */
export type Prover = (secret: string, signature: Uint8Array, signed: SignedBytes) => Promise<boolean | null>;

/** Everything that may match: secrets in rotation, spellings of what is signed, signatures that a request offers. */
type Candidates<Secret> = {
  readonly secrets: readonly Secret[];
  readonly texts: readonly SignedBytes[];
  readonly signatures: readonly Uint8Array[];
};

/**
 * @returns The first secret that made one of the signatures over one of the texts. `no_key`: none of them can be read as a key;
 *   `wrong`: none of those that can be read made it.
 */
export async function findSigner<Secret extends { readonly value: string }>(
  prove: Prover,
  { secrets, texts, signatures }: Candidates<Secret>,
): Promise<Secret | "no_key" | "wrong"> {
  let usable = 0;
  for (const secret of secrets) {
    let readable = true;
    for (const text of texts) {
      for (const signature of signatures) {
        const proof = await prove(secret.value, signature, text);
        if (proof === true) return secret;
        if (proof === null) readable = false;
      }
    }
    if (readable) usable++;
  }
  return usable === 0 ? "no_key" : "wrong";
}
