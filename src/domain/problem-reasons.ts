/** Reasons of problems: `/readyz`, the books, paused lines. */
import type { Sentences } from "./call-reasons.ts";

export const problemReasons = {
  // Problems that `/readyz` and the pages report.
  spilled: {
    operator: "Postgres was away, and events wait on their inbox's own disk until it has taken them.",
    client: "Events wait to be stored.",
  },
  spill_full: {
    operator: "An inbox's own disk holds all that it may: its webhooks are refused until Postgres is back.",
    client: "Events cannot be taken at the moment.",
  },
  inboxes_silent: {
    operator: "The inboxes do not answer: nobody can say what waits on their own disks.",
    client: "The service cannot say what waits.",
  },
  chain_behind: {
    operator:
      "The stored audit chain ends before the head that the notary keeps: the database was restored, or its tail was cut. Nothing is linked until a person says which.",
    client: "The audit chain is being looked into.",
  },
  chain_differs: {
    operator:
      "The stored audit chain is not the one that was signed: the database was restored, or the chain was written anew. Nothing is linked until a person says which.",
    client: "The audit chain is being looked into.",
  },
  source_paused: {
    operator: "A person paused this source: what it sends is kept, and nothing of it is planned until it goes on.",
    client: "Events wait until their source goes on.",
  },
  secret_unreadable: {
    operator:
      "Secrets are sealed with a key that SEALING_KEYS does not hold: they verify nothing. Put the key back, or set them anew.",
    client: "A secret cannot be read.",
  },
  credential_refused: {
    operator:
      "The sender's API refuses the source's credential (401 or 403): events whose rules have something fetched wait. Set `api.credential` anew, or give it the rights that it lacks.",
    client: "Events wait until their records can be read.",
  },
  credential_missing: {
    operator:
      "Rules have something fetched, and the source has no credential for the API's address, or says no address: their events wait. Set `api`.",
    client: "Events wait until their records can be read.",
  },
  credential_unreadable: {
    operator:
      "The source's credential is sealed with a key that SEALING_KEYS does not hold: events whose rules have something fetched wait. Put the key back, or set it anew.",
    client: "Events wait until their records can be read.",
  },
  field_gone: {
    operator:
      "A field that a rule or a template of its source reads has stopped coming: look at what the sender sends now.",
    client: "Something that is read of events no longer comes.",
  },
  field_changed: {
    operator: "A field that a rule or a template of its source reads comes as another type than before.",
    client: "Something that is read of events comes in another form.",
  },
  // Gaps in the books: the sweep looks for them, and `/readyz` names the rows.
  event_unplanned: {
    operator: "Events have waited for their plan for more than five minutes.",
    client: "Events wait to be planned.",
  },
  event_without_call: { operator: "A planned event has no call.", client: "The books do not balance." },
  event_without_reason: {
    operator: "An event was ignored, and nothing says why.",
    client: "The books do not balance.",
  },
  call_without_entry: {
    operator: "No entry tells how a call came to its status: it was changed by something else than Hookline.",
    client: "The books do not balance.",
  },
  lease_overdue: {
    operator: "A call is dialing long after its lease has ended: the sweep did not take it back.",
    client: "The books do not balance.",
  },
  look_overdue: {
    operator: "A call of which nobody knows whether it rang is not being looked up: its line does not wake.",
    client: "The books do not balance.",
  },
  list_unreadable: {
    operator:
      "Calls of which nobody knows whether they rang cannot be looked up: Mihu's list of conversations cannot be read. Until it can, nothing is decided about them.",
    client: "It is not known whether some calls were placed.",
  },
  poll_overdue: {
    operator: "A call that was placed is not asked after: its line does not wake.",
    client: "The books do not balance.",
  },
  expiry_overdue: {
    operator: "A call waits though it is too late for it: the sweep did not end it.",
    client: "The books do not balance.",
  },
  sweep_silent: {
    operator: "The sweep has not run for more than five minutes: look whether cron is set up.",
    client: "The service is not watched.",
  },
  // Why a line is paused.
  unauthenticated: { operator: "Mihu refuses the token (401).", client: "The line is paused." },
  payment_required: { operator: "Mihu wants the account paid (402).", client: "The line is paused." },
  forbidden: { operator: "Mihu forbids the call to this token (403).", client: "The line is paused." },
  agent_missing: { operator: "Mihu does not know the line's agent (404).", client: "The line is paused." },
  database_went_back: {
    operator:
      "Postgres is behind what this line has dialled: it was restored, or failed over. The line waits for a person, and so does each call that may have rung since.",
    client: "It is not known whether the call was placed.",
  },
  paused_by_person: { operator: "A person paused the line.", client: "The line is paused." },
  all_paused: { operator: "A person paused all lines.", client: "The line is paused." },
} as const satisfies Record<string, Sentences>;
