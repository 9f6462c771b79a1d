/**
 * Dependencies of the pages for one request. Types only. The pages show the API's own views (`src/views/`), which are
 * already masked for the reader, and change things through the API alone.
 */
import type { JSONWebKeySet } from "jose";
import type { WholeReadiness } from "../flows/readiness.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import type { Clock } from "../ports/runtime.ts";
import type { CallLookup } from "../views/calls/call-lookup.ts";
import type { Reader } from "../views/reader.ts";
import type { SourceLookup } from "../views/sources/source-lookup.ts";

/** Verdict about a pasted token. All refusals are alike, so the page is no help for guessing. */
type TokenVerdict = ({ readonly ok: true; readonly expiresAt: number } & Reader) | { readonly ok: false };

/** Sessions of people. */
export type Sessions = {
  /** @returns The cookie's value: 256 random bits, new each time. */
  create(session: { jti: string; expiresAt: number }): Promise<string>;
  /** `null`: the session is unknown, expired or ended, or its token was revoked or has expired. */
  find(cookieValue: string): Promise<Reader | null>;
  end(cookieValue: string): Promise<void>;
};

/** Notes of readings of unmasked data. They wait until it is certain that the page is sent. */
type ReadingNotes = {
  /** Writes the notes. The page is sent afterwards, or not at all. */
  write(): Promise<void>;
};

/** Everything that the pages need for one request. */
export type PageDeps = {
  readonly clock: Clock;
  /** `local`: started by `npm start`. The pages may then explain how to get a token and a sample event. */
  readonly mode: "local" | "production";
  /** The service's public address, if a proxy makes it differ from the request's URL. */
  readonly publicUrl: string | null;
  readonly sessions: Sessions;
  readonly readings: ReadingNotes;
  verifyToken(token: string): Promise<TokenVerdict>;
  lookups(reader: Reader): Pick<CallLookup, "calls" | "order" | "call" | "recording">;
  sources(reader: Reader): Pick<SourceLookup, "list" | "story">;
  /** Key of the tags of pages. */
  readonly tagKey: Uint8Array;
  /** The public keys of receipts and heads, past ones too. */
  readonly publicKeys: JSONWebKeySet;
  /** Sends a request to the API in the name of a reader, with the reader's scopes. */
  api(reader: Reader, request: Request): Promise<Response>;
  /** Like `api`, for an answer that goes to the reader as it is: its notes of readings are written by the API. */
  download(reader: Reader, request: Request): Promise<Response>;
  /** Number of calls that wait for a person's decision, counted up to a bound. */
  reviewCount(max: number): Promise<number>;
  /** Problems shown on top of every page: paused lines, missing migrations. */
  readiness(): Promise<WholeReadiness>;
  /** Events waiting on the inboxes' own disks. Works without Postgres. */
  spills(): Promise<readonly SpillCount[]>;
  /** Whether a link may be offered: https on one of Mihu's hosts. */
  allowLink(url: string): boolean;
  /** Whether a thrown value means that Postgres is unreachable. */
  isAway(error: unknown): boolean;
  /** Whether a statement failed because migrations of this version have not run. */
  lacksMigrations(error: unknown): Promise<boolean>;
  /** Logs a bug. */
  report(error: unknown): void;
};
