/**
 * Sends one POST to a hook: never another method (a DELETE would pause a Zap), never after a redirect, and with a secret
 * only in the signature. The body is the stored text, so a signature is over exactly what is stored.
 */
import { answerShownBytesMax, postTimeoutMs } from "../domain/hooks/limits.ts";
import type { MailApi } from "../domain/hooks/message-formats.ts";
import { readSecrets } from "../domain/hooks/secrets.ts";
import { checkTargetUrl } from "../domain/hooks/target-url.ts";
import type { HttpAnswer, HttpRequest } from "../platform/http-client.ts";
import { retryAfterMs } from "../platform/retry-after.ts";
import type { ClaimedDelivery, Posted } from "../ports/hooks/deliveries.ts";
import type { HookSealer } from "../ports/hooks/hooks.ts";
import type { Clock } from "../ports/runtime.ts";
import { requestOf } from "./request.ts";

/** The dependencies of a notifier. */
type NotifyPorts = {
  readonly sealer: Pick<HookSealer, "open">;
  readonly clock: Clock;
  /** Hookline's own addresses, which are no targets. */
  readonly ownUrls: readonly string[];
  /** Whether receivers on this machine are allowed. */
  readonly local: boolean;
  /** Base of the links in messages; null without a public URL. */
  readonly publicUrl: string | null;
  readonly mail: MailApi | null;
  request(input: HttpRequest): Promise<HttpAnswer>;
};

/** Bytes of an answer that are read. */
const answerBytesMax = 16_384;

/**
 * Each failure is a result, also one of this service. Otherwise a hook that can never be sent to would be tried for ever
 * without a count.
 *
 * @param deliveries one; or several of one hook that share a message
 */
export async function post(ports: NotifyPorts, deliveries: readonly ClaimedDelivery[]): Promise<Posted> {
  const at = ports.clock.now();
  try {
    return await sent(ports, deliveries, at);
  } catch {
    // The error may quote a header.
    return { at, ms: 0, status: null, error: "not_sendable", answer: "", retryAfterMs: null };
  }
}

async function sent(ports: NotifyPorts, deliveries: readonly ClaimedDelivery[], at: number): Promise<Posted> {
  const failed = (error: string): Posted => ({ at, ms: 0, status: null, error, answer: "", retryAfterMs: null });
  const [first] = deliveries;
  if (first === undefined) throw new Error("There is nothing to send.");
  // Checked at each try: the rules may have become stricter, or the service may have moved to this address.
  if (first.format !== "email" && !checkTargetUrl(first.targetUrl, ports).ok) return failed("target_refused");
  const opened = await ports.sealer.open(first.sealed);
  if (!opened.ok) return failed("secret_unreadable");
  const { secret, former, headers } = readSecrets(opened.text);
  const secrets = former !== null && first.formerUntil !== null && first.formerUntil > at ? [secret, former] : [secret];
  const { publicUrl, mail } = ports;
  const request = requestOf(first, deliveries, { publicUrl, mail, secrets, headers, atMs: at });
  if (request === null) return failed("mail_not_configured");
  const answer = await ports.request({ method: "POST", ...request, timeoutMs: postTimeoutMs, answerBytesMax });
  const ms = Math.max(0, ports.clock.now() - at);
  if (answer.kind !== "answer")
    return { ...failed(answer.kind === "timeout" ? "receiver_silent" : "receiver_unreachable"), ms };
  const retry = retryAfterMs(answer.headers.get("retry-after"), ports.clock.now());
  return { at, ms, status: answer.status, error: null, answer: beginningOf(answer.text), retryAfterMs: retry };
}

/** The first bytes, without a character that Postgres cannot store. */
function beginningOf(text: string): string {
  const bytes = new TextEncoder().encode(text.replaceAll("\0", "\u{fffd}").toWellFormed());
  return new TextDecoder().decode(bytes.subarray(0, answerShownBytesMax));
}
