/** Codes of refusals by which a request's signature, token or secret was missing, wrong or too old. */
const failedSignatures =
  /^(?:(?:signature|timestamp|secret|tenant|token)_|body_digest_wrong$|audience_wrong$|public_secret$)/;

/** Whether a refusal's code says that nobody proved to be the sender. Any other refused request was signed, or not looked at. */
export function isFailedSignature(code: string): boolean {
  return failedSignatures.test(code);
}
