import type { OpenHours } from "../people/calling-hours.ts";

/** A named Mihu agent with its pace. What is omitted in the API has its default here already. */
export type Line = {
  readonly slug: string;
  /** Mihu's agent id. Not checked for its form: Mihu decides. */
  readonly agent: string;
  readonly callsPerMinute: number;
  readonly callsAtOnce: number;
  readonly callsPerDay: number;
  /** ISO countries that may be rung; `null`: only the country of the source that asks. */
  readonly countries: readonly string[] | null;
  /** Calling hours as the customer's clock shows them; `null`: at any hour. */
  readonly hours: OpenHours | null;
};

/**
 * A line as Postgres has it in one version. A statement that queues calls by the line's settings names the version. If the line has another
 * one by then, the statement leaves the calls out, and they are computed anew.
 */
export type VersionedLine = Line & LineVersion;

/** A line in one version. */
export type LineVersion = { readonly slug: string; readonly version: number };

/** Signature of Mihu's outcome webhooks, in the words of hookline.yaml. A missing field has its default. */
export type MihuSignatureSettings = {
  /** The header's name; by default `x-mihu-signature`, or `x-signature` if that is missing. */
  readonly header?: string | undefined;
  readonly algorithm?: "sha1" | "sha256" | "sha512" | undefined;
  readonly encoding?: "hex" | "base64" | undefined;
  /** Optional text before the digest; by default `sha256=`, or as the algorithm is called. */
  readonly prefix?: string | undefined;
  /** The signed text: `{body}`, once, and `{timestamp}`, with text around them. By default `{body}`. */
  readonly signed?: string | undefined;
  /** The header of `{timestamp}`. */
  readonly timestamp_header?: string | undefined;
};
