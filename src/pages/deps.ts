/**
 * The dependencies of the pages for one request. Types only.
 *
 * The pages show the API's own views (`src/views/`), which are already masked for the reader.
 */
import type { WholeReadiness } from "../flows/readiness.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import type { Clock } from "../ports/runtime.ts";
import type { CallLookup } from "../views/calls/call-lookup.ts";
import type { Reader } from "../views/reader.ts";
import type { SourceLookup } from "../views/sources/source-lookup.ts";

/** The verdict about a pasted token. Every refusal is alike, so that the page does not help to guess. */
type TokenVerdict = ({ readonly ok: true; readonly expiresAt: number } & Reader) | { readonly ok: false };

/** Sign-ins of people. */
export type Sessions = {
  /** @returns the cookie's value: 256 random bits, new each time */
  create(session: { jti: string; expiresAt: number }): Promise<string>;
  /** `null`: the session is unknown, expired or ended, or its token was revoked or has expired. */
  find(cookieValue: string): Promise<Reader | null>;
  end(cookieValue: string): Promise<void>;
};

/** Everything that the pages need for one request. */
export type PageDeps = {
  readonly clock: Clock;
  /** `local`: `npm start` runs it, and the pages may say how to get a token and a sample event. */
  readonly mode: "local" | "production";
  /** The service's public address, if requests do not name it (behind a proxy that ends TLS). */
  readonly publicUrl: string | null;
  readonly sessions: Sessions;
  verifyToken(token: string): Promise<TokenVerdict>;
  lookups(reader: Reader): Pick<CallLookup, "calls" | "order" | "call" | "recording">;
  sources(reader: Reader): Pick<SourceLookup, "list" | "story">;
  /** Problems that every page shows on top: paused lines, migrations that have not run. */
  readiness(): Promise<WholeReadiness>;
  /** Events that wait on the inboxes' own disks; needs no Postgres. */
  spills(): Promise<readonly SpillCount[]>;
  /** Whether a link may be offered: https, and a host that is Mihu's. */
  allowLink(url: string): boolean;
  /** Whether a thrown value means that Postgres cannot be reached. */
  isAway(error: unknown): boolean;
  /** Writes a bug to the log. */
  report(error: unknown): void;
};
