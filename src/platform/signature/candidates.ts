/** The search for the secret that made a signature, among the secrets that are allowed. */

/** Returns the signed bytes. Only a plain hash includes the secret in them. */
export type SignedBytes = (secret: string) => Uint8Array;

/**
 * Tries one secret against one signature.
 *
 * @returns Whether the secret made it; null if the secret cannot be read as a key.
 */
export type Prover = (secret: string, signature: Uint8Array, signed: SignedBytes) => Promise<boolean | null>;

/** Candidates: secrets in rotation, variants of the signed text, signatures in the request. */
type Candidates<Secret> = {
  readonly secrets: readonly Secret[];
  readonly texts: readonly SignedBytes[];
  readonly signatures: readonly Uint8Array[];
};

/**
 * @returns The first secret that made one of the signatures over one of the texts. `no_key`: no secret can be read as a
 *   key. `wrong`: no readable secret made any of the signatures.
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
