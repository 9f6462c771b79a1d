import { createHmac, randomBytes } from "node:crypto";
export function newSecret(): string {
  return "whsec_" + randomBytes(32).toString("base64");
}
export async function signedHeaders(
  secrets: readonly string[],
  { id, atMs, body }: { id: string; atMs: number; body: string },
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = secrets
    .map(
      (s) =>
        "v1," +
        createHmac("sha256", Buffer.from(s.slice(6), "base64"))
          .update(`${id}.${timestamp}.${body}`)
          .digest("base64"),
    )
    .join(" ");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}
