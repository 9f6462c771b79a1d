/**
 * Receives Mihu's outcome webhooks: stores the reports with their line and looks up their conversations. A report is
 * only a hint and is not trusted. A repeated report is stored once.
 *
 * | result           | answer                 | when                                                                                |
 * | ---------------- | ---------------------- | ----------------------------------------------------------------------------------- |
 * | `received`       | 202                    | the report is stored, and will be looked up                                         |
 * | `no_line`        | 404                    | no line has the key                                                                 |
 * | `body_too_large` | 413                    | the body exceeds the limit                                                          |
 * | `refused`        | 401                    | the signature does not match the key's secret                                       |
 * | `unreadable`     | 400                    | the body is not a JSON object                                                       |
 * | `unavailable`    | 503 with `Retry-After` | the key cannot be looked up, the queue is full, or the line's object is unreachable |
 */
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { OutcomeReport } from "../../ports/calling/outcome-reports.ts";
import type { OutcomeWebhooks } from "../../ports/calling/outcome-webhooks.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";

export type ReceiveOutcomePorts = { clock: Clock; identity: Identity; lines: LineObjects; webhooks: OutcomeWebhooks };

/** An incoming outcome webhook. */
type OutcomeRequest = {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the body; null if it exceeds the limit. Called only if a line has the key. */
  readonly read: () => Promise<Uint8Array | null>;
};

/** Result of one request. */
type OutcomeResult =
  | { readonly kind: "received"; readonly conversations: number }
  | { readonly kind: "no_line" | "body_too_large" }
  | { readonly kind: "refused"; readonly line: string; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly error?: unknown };

/**
 * Finds the line by the URL's key, checks the signature if the line has a secret, and stores the reports with the line.
 */
export async function receiveOutcome(ports: ReceiveOutcomePorts, request: OutcomeRequest): Promise<OutcomeResult> {
  const keyHash = ports.identity.sha256Hex(request.key);
  const line = await ports.webhooks.lineOf(keyHash);
  if (line === null) return { kind: "no_line" };
  if (line === "unavailable") return { kind: "unavailable" };
  const body = await request.read();
  if (body === null) return { kind: "body_too_large" };
  const verified = await ports.webhooks.verify(line, { headers: request.headers, body });
  if (!verified.ok) return { kind: "refused", line: line.slug, reason: verified.reason };
  const text = new TextDecoder().decode(body);
  const read = ports.webhooks.read(text);
  if (!read.ok) return { kind: "unreadable", reason: read.reason };
  const receivedAt = ports.clock.now();
  const bodyHash = ports.identity.sha256Hex(text);
  const reports = read.reports.map(({ about, ...report }, index): OutcomeReport => {
    // Mihu's webhooks have no id. The same event about the same call in the same bytes counts as the same report.
    const key = ports.identity.sha256Hex(JSON.stringify([report.event, about, bodyHash, index]));
    return { key, ...report, receivedAt };
  });
  try {
    if (!(await ports.lines.news(line.slug, reports))) return { kind: "unavailable" };
  } catch (error) {
    // The report may or may not be stored. A duplicate is harmless, so the sender is asked to retry.
    return { kind: "unavailable", error };
  }
  return { kind: "received", conversations: new Set(reports.flatMap((report) => report.conversationUuid ?? [])).size };
}
