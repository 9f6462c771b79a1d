/**
 * What a preset's fixture is: how its sender writes and signs, from the sender's documentation with `node:crypto` alone (or with the
 * sender's own package). It shares nothing with the verifier, so that a mistake of the one shows in the other.
 */

import type { GivenSettings } from "../../src/crm/preset/preset.ts";
import type { JsonObject } from "../../src/domain/json.ts";

/** A request as it goes over the wire. */
export type Sent = {
  readonly method: "POST";
  /** Query included. */
  readonly url: string;
  /** In the sender's own spelling. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The last part of the path, for senders that cannot sign. */
  readonly key?: string;
};

/** What a sender is asked to send. */
export type Sending = {
  readonly secret: string;
  /** Epoch milliseconds: when it signs. */
  readonly at: number;
  /** The source's address, as registered with the sender. */
  readonly url: string;
  /** Another body than the sample, signed the same way. */
  readonly body?: string;
  /** The account that the request is of; the fixture's own where it is not given. */
  readonly tenant?: string;
};

/** An event as the sample has to be read. */
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
  /** What the source stores; `null`: the sender has one published key. */
  readonly secret: string | null;
  /** Another one of the same form. */
  readonly otherSecret: string;
  readonly tenant: string | null;
  /** An account that is not the source's; where the preset has a tenant. */
  readonly otherTenant?: string;
  readonly send: (sending: Sending) => Sent;
  /** What the sender signs, beside whatever carries the signature. */
  readonly signs: readonly ("body" | "time" | "id" | "url")[];
  /** What the sample is read as. */
  readonly events: readonly ReadAs[];
  /** The same events again, as the sender retries them (later, with its counters changed): no event of it may be new. */
  readonly retry?: (sending: Sending) => Sent;
  /** For how long the same bytes are one event where nothing in them names it; absent: for ever. */
  readonly sameBodyMs?: number;
  /** For a sender of batches: a body of that many events. */
  readonly batch?: (count: number) => string;
  /** A batch of three whose second element cannot be read; where it is not enough to put a bare 7 into the JSON array. */
  readonly brokenBatch?: string;
  /** What it asks when it is set up. */
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
  /** The sender's own expected answer; Hookline's 202 where it is not given. */
  readonly answer?: { readonly status: number; readonly contentType: string; readonly body: string };
  /** Presets of signed senders only: where the signature stands, in lower case. */
  readonly signatureHeader?: string;
};
