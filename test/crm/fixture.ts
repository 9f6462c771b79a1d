/**
 * A preset's fixture: requests as the sender writes and signs them, made from the sender's documentation with
 * `node:crypto` alone, or with the sender's own package. It shares no code with the verifier, so a mistake in one shows
 * in the other.
 */

import type { GivenSettings } from "../../src/crm/preset/preset.ts";
import type { JsonObject } from "../../src/domain/json.ts";

/** A request as sent over the network. */
export type Sent = {
  readonly method: "POST";
  /** Query included. */
  readonly url: string;
  /** Header names in the sender's own spelling. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The last part of the path, for senders that cannot sign. */
  readonly key?: string;
};

/** Options of one request. */
export type Sending = {
  readonly secret: string;
  /** Time of signing, in epoch milliseconds. */
  readonly at: number;
  /** The source's URL, as registered with the sender. */
  readonly url: string;
  /** Another body than the sample's, signed the same way. */
  readonly body?: string;
  /** The account of the request. Default: the fixture's own. */
  readonly tenant?: string;
};

/** An event that must be read from the sample. */
export type ReadAs = {
  readonly externalId: string | null;
  readonly type: string;
  /** ISO 8601. */
  readonly occurredAt: string | null;
  /** Some fields of its payload. */
  readonly data: JsonObject;
};

export type CrmFixture = {
  readonly preset: string;
  readonly scheme: string;
  readonly settings?: GivenSettings;
  /** The secret that the source stores; null if the sender has one published key. */
  readonly secret: string | null;
  /** Another secret of the same form. */
  readonly otherSecret: string;
  readonly tenant: string | null;
  /** An account other than the source's, for presets with a tenant. */
  readonly otherTenant?: string;
  readonly send: (sending: Sending) => Sent;
  /** Parts of the request that the signature covers, besides the header with the signature. */
  readonly signs: readonly ("body" | "time" | "id" | "url")[];
  /** Events that must be read from the sample. */
  readonly events: readonly ReadAs[];
  /** The same events as a retry: later, with changed counters. None of them may be new. */
  readonly retry?: (sending: Sending) => Sent;
  /** Time for which identical bytes without an id are one event. Absent: for ever. */
  readonly sameBodyMs?: number;
  /** For senders of batches: a body with that many events. */
  readonly batch?: (count: number) => string;
  /** A batch of three with an unreadable second element. Absent: a bare 7 inside the JSON array. */
  readonly brokenBatch?: string;
  /** The sender's handshake. */
  readonly handshakes?: readonly {
    readonly about: string;
    readonly sent: (sending: Sending) => Sent;
    /** Whether the source may have no secret yet. */
    readonly fresh?: true;
    readonly answer: {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    };
  }[];
  /** The sender's expected response. Default: 202. */
  readonly answer?: { readonly status: number; readonly contentType: string; readonly body: string };
  /** Header of the signature, in lower case, for presets that sign. */
  readonly signatureHeader?: string;
};
