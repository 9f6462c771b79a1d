import type { OpenHours } from "../people/calling-hours.ts";

/** A named Mihu agent with its pace. Fields that the API leaves out have their defaults here. */
export type Line = {
  readonly slug: string;
  /** Mihu's agent id. Its form is not checked, because Mihu does not document one. */
  readonly agent: string;
  readonly callsPerMinute: number;
  readonly callsAtOnce: number;
  readonly callsPerDay: number;
  /** ISO countries that may be called; null for only the source's country. */
  readonly countries: readonly string[] | null;
  /** Calling hours by the customer's local time; null for any hour. */
  readonly hours: OpenHours | null;
};

/**
 * Version of a line in Postgres. A statement that queues calls by the line's settings names the version. If it has
 * changed, the statement leaves the calls out, and they are computed again.
 */
export type VersionedLine = Line & LineVersion;

/** A line in one version. */
export type LineVersion = { readonly slug: string; readonly version: number };

/** Signature scheme of Mihu's outcome webhooks, with the names of hookline.yaml. A missing field has its default. */
export type MihuSignatureSettings = {
  /** Name of the header. Default: `x-mihu-signature`, or `x-signature` if that is missing. */
  readonly header?: string | undefined;
  readonly algorithm?: "sha1" | "sha256" | "sha512" | undefined;
  readonly encoding?: "hex" | "base64" | undefined;
  /** Optional text before the digest. Default: `sha256=`, or the other algorithm's name. */
  readonly prefix?: string | undefined;
  /** Canonical string: `{body}` once, and optionally `{timestamp}`, with text around them. Default: `{body}`. */
  readonly signed?: string | undefined;
  /** Header with the value of `{timestamp}`. */
  readonly timestamp_header?: string | undefined;
};
