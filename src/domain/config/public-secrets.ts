/**
 * Secrets that senders, their libraries and the standards print in their documentation. Pure.
 *
 * Refused: a published secret, under any preset and in any mode. It is neither stored nor used for verification. One
 * list serves all presets, because keys are copied from one sender's page into another's source.
 *
 * Secrets that are too short for a new one anyway (secret-strength.ts) are not listed.
 */
import { secretText } from "./secret-text.ts";

/** A secret as its page shows it, and its publisher. */
type PublicSecret = { readonly by: string; readonly value: string };

/**
 * Every published secret.
 *
 * @see https://docs.svix.com/receiving/verifying-payloads/how and /how-manual
 * @see https://github.com/standard-webhooks/standard-webhooks libraries/javascript/src/webhook.test.ts
 * @see https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 * @see https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
 * @see https://datatracker.ietf.org/doc/html/rfc7515#appendix-A.1
 */
export const publicSecrets: readonly PublicSecret[] = [
  { by: "Zendesk", value: "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==" },
  { by: "GitHub", value: "It's a Secret to Everybody" },
  { by: "Svix", value: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
  { by: "Svix", value: "whsec_plJ3nmyCDGBKInavdOK15jsl" },
  { by: "Svix", value: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" },
  { by: "Slack", value: "8f742231b10e8888abcd99yyyzzz85a5" },
  { by: "HubSpot", value: "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy" },
  { by: "Square", value: "Ibxx_5AKakO-3qeNVR61Dw" },
  { by: "PagerDuty", value: "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK" },
  { by: "Adyen", value: "79A3EAF309C43708726A8C284C0D72618696A12E840DFA1DF3A158AFA3B577DA" },
  { by: "Adyen", value: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056" },
  { by: "Adyen", value: "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00" },
  { by: "jwt.io", value: "your-256-bit-secret" },
  { by: "jwt.io", value: "a-string-secret-at-least-256-bits-long" },
  {
    by: "RFC 7515",
    value: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
  },
];

/** Normalizes a key: without prefix and padding, base64url as base64, hex in lower case. */
function keyText(value: string): string {
  const text = secretText(value)
    .replace(/^(?:v1,)?whsec_/, "")
    .replace(/=+$/, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  return /^[\da-f]+$/i.test(text) ? text.toLowerCase() : text;
}

const publishers: ReadonlyMap<string, string> = new Map(publicSecrets.map(({ by, value }) => [keyText(value), by]));

/** @returns The publisher of a secret, or of the password in `user:password`; null if it is not listed. */
export function publisherOf(value: string): string | null {
  const whole = publishers.get(keyText(value));
  if (whole !== undefined || !value.includes(":")) return whole ?? null;
  return publishers.get(keyText(value.slice(value.indexOf(":") + 1))) ?? null;
}
