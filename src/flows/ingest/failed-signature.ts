/** Rejection codes of a signature, token or secret that was missing, wrong or too old. */
const failedSignatures =
  /^(?:(?:signature|timestamp|secret|tenant|token)_|body_digest_wrong$|audience_wrong$|public_secret$)/;

/**
 * Whether the rejection means that the sender is unproven. Any other rejected request was signed, or was not checked.
 */
export function isFailedSignature(code: string): boolean {
  return failedSignatures.test(code);
}
