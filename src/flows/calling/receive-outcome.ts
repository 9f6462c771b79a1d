/**
 * Receives one of Mihu's outcome webhooks: its line stores the reports and looks at their conversations. The reports are only hints and
 * are not believed here. A report that comes twice is stored once.
 *
 * | result        | answer                | when                                              |
 * | ------------- | --------------------- | ------------------------------------------------- |
 * | `received`    | 202                   | it is stored, and will be looked at               |
 * | `no_line`     | 404                   | the key is nobody's                               |
 * | `body_too_large` | 413                | the body is over the limit                        |
 * | `refused`     | 401                   | the signature is not that of the key's secret     |
 * | `unreadable`  | 400                   | no JSON object                                    |
 * | `unavailable` | 503 with `Retry-After` | nobody can say whose key it is, too much waits, or the line's object cannot be reached |
 */
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { OutcomeReport } from "../../ports/calling/outcome-reports.ts";
import type { OutcomeWebhooks } from "../../ports/calling/outcome-webhooks.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";

export type ReceiveOutcomePorts = { clock: Clock; identity: Identity; lines: LineObjects; webhooks: OutcomeWebhooks };

/** An outcome webhook as it arrived. */
type OutcomeRequest = {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the body; `null`: it is over the limit. Called for a line's key only. */
  readonly read: () => Promise<Uint8Array | null>;
};

/** How it ended. */
type OutcomeResult =
  | { readonly kind: "received"; readonly conversations: number }
  | { readonly kind: "no_line" | "body_too_large" }
  | { readonly kind: "refused"; readonly line: string; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly error?: unknown };

/** Finds the line by the URL's key, checks the signature if the line has a secret, and has the line keep the reports. */
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
    // Mihu's webhooks have no id: the same event about the same thing in the same bytes is the same report.
    const key = ports.identity.sha256Hex(JSON.stringify([report.event, about, bodyHash, index]));
    return { key, ...report, receivedAt };
  });
  try {
    if (!(await ports.lines.news(line.slug, reports))) return { kind: "unavailable" };
  } catch (error) {
    // Whether it was kept is not known. Heard twice it is kept once, so the sender is asked to send it again.
    return { kind: "unavailable", error };
  }
  return { kind: "received", conversations: new Set(reports.flatMap((report) => report.conversationUuid ?? [])).size };
}
