/** Reasons of problems (`/readyz`, the books, paused lines), each with its severity. */
import type { Sentences } from "./call-reasons.ts";

/**
 * How much a problem matters, the worst first:
 *
 * | severity   | means                                                                       | `/readyz`       |
 * | ---------- | --------------------------------------------------------------------------- | --------------- |
 * | `critical` | no call can be placed, or webhooks cannot be taken                          | 503 `not_ready` |
 * | `error`    | some calls or events wait or fail, or the audit chain stands, until somebody acts | 200 `degraded`  |
 * | `warning`  | nothing fails yet, or it ends by itself; somebody should look               | 200 `degraded`  |
 * | `info`     | a person wants it so                                                        | 200 `ready`     |
 */
export const severities = ["critical", "error", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** Reasons for a line's pause. The problem of a paused line has the severity of its reason. */
export const pauseReasons = {
  unauthenticated: { severity: "error", operator: "Mihu refuses the token (401).", client: "The line is paused." },
  payment_required: {
    severity: "error",
    operator: "Mihu wants the account paid (402).",
    client: "The line is paused.",
  },
  forbidden: {
    severity: "error",
    operator: "Mihu forbids the call to this token (403).",
    client: "The line is paused.",
  },
  agent_missing: {
    severity: "error",
    operator: "Mihu does not know the line's agent (404).",
    client: "The line is paused.",
  },
  database_went_back: {
    severity: "error",
    operator:
      "Postgres is behind what this line has dialled: it was restored, or failed over. The line waits for a person, and so does each call that may have rung since.",
    client: "It is not known whether the call was placed.",
  },
  paused_by_person: { severity: "info", operator: "A person paused the line.", client: "The line is paused." },
  all_paused: { severity: "info", operator: "A person paused all lines.", client: "The line is paused." },
} as const satisfies Record<string, Sentences & { readonly severity: Severity }>;

export const problemReasons = {
  ...pauseReasons,
  // Problems that `/readyz` and the pages report.
  database_unavailable: {
    severity: "critical",
    operator:
      "Postgres does not answer: no call is placed. The inboxes keep webhooks on their own disks until it is back.",
    client: "No call can be placed at the moment.",
  },
  readiness_unknown: {
    severity: "critical",
    operator:
      "The object that reads readiness has not answered, or could not read it for 90 s: nobody can say whether the service works. Ask with a token, and see the log.",
    client: "Nobody can say at the moment whether the service works.",
  },
  migrations_missing: {
    severity: "critical",
    operator: "Postgres lacks a migration of this version: run `hookline migrate`.",
    client: "The service is being updated.",
  },
  no_line_dials: {
    severity: "critical",
    operator: "Every line is paused, and at least one of them by no person: no call is placed.",
    client: "No call can be placed at the moment.",
  },
  claims_slow: {
    severity: "error",
    operator:
      "Postgres took two seconds or more for a line's claim, so the line gave the calls back and rang nobody. It tries again by itself, after at most a minute. Look for locks and load in Postgres.",
    client: "The call will be tried again shortly.",
  },
  stops_stuck: {
    severity: "warning",
    operator:
      "The last sweep failed to cancel stopped calls (rule off, source closed, number suppressed). None rings; they still count as queued. The next sweep tries again. The log has the error by the stop's id.",
    client: "Calls that were stopped are still being canceled.",
  },
  spilled: {
    severity: "warning",
    operator: "Postgres was away, and events wait on their inbox's own disk until it has taken them.",
    client: "Events wait to be stored.",
  },
  spill_full: {
    severity: "critical",
    operator: "An inbox's own disk holds all that it may: its webhooks are refused until Postgres is back.",
    client: "Events cannot be taken at the moment.",
  },
  inboxes_silent: {
    severity: "critical",
    operator: "The inboxes do not answer: nobody can say what waits on their own disks.",
    client: "The service cannot say what waits.",
  },
  directory_silent: {
    severity: "error",
    operator:
      "The directory's object cannot be reached: names that no Worker knows yet and outcome webhooks are answered with 503. Check that the DIRECTORY binding is deployed.",
    client: "Some requests cannot be judged at the moment.",
  },
  chain_behind: {
    severity: "error",
    operator:
      "The stored audit chain ends before the head that the notary keeps: the database was restored, or its tail was cut. Nothing is linked until a person says which.",
    client: "The audit chain is being looked into.",
  },
  chain_differs: {
    severity: "error",
    operator:
      "The stored audit chain is not the one that was signed: the database was restored, or the chain was written anew. Nothing is linked until a person says which.",
    client: "The audit chain is being looked into.",
  },
  clocks_apart: {
    severity: "warning",
    operator:
      "Postgres' clock and the Worker's differ by 2 s or more: calls ring early or late by it, and from 5 s on lost answers are not found at Mihu. Set the clocks of both hosts by NTP.",
    client: "Calls may be placed early or late.",
  },
  clock_moved: {
    severity: "warning",
    operator:
      "Postgres' clock jumped, or a server with another clock took over: leases, pace and due calls are off by as much. Set the clock of every Postgres host by NTP.",
    client: "Calls may be placed early or late.",
  },
  entries_unsealed: {
    severity: "warning",
    operator:
      "Audit entries have waited over 20 s for their seal. A transaction that is named here began before them: end it if nobody needs it. If none is named, see the notary's log.",
    client: "New audit entries are not signed yet.",
  },
  signatures_failed: {
    severity: "warning",
    operator:
      "Many requests to a source failed their signature within a minute: a secret differs from its sender's, or somebody guesses. `hookline rejections SOURCE` says why.",
    client: "Many requests could not be verified.",
  },
  source_paused: {
    severity: "info",
    operator: "A person paused this source: what it sends is kept, and nothing of it is planned until it goes on.",
    client: "Events wait until their source goes on.",
  },
  source_went_back: {
    severity: "error",
    operator:
      "Postgres was restored to an older version of this source, so it is paused. Its pause names the secrets that are active again: retire those that you do not want, check its rules, then resume it.",
    client: "Events wait until their source goes on.",
  },
  secret_unreadable: {
    severity: "error",
    operator:
      "Secrets are sealed with a key that SEALING_KEYS does not hold: they verify nothing. Put the key back, or set them anew.",
    client: "A secret cannot be read.",
  },
  credential_refused: {
    severity: "error",
    operator:
      "The sender's API refuses the source's credential (401 or 403): events whose rules have something fetched wait. Set `api.credential` anew, or give it the rights that it lacks.",
    client: "Events wait until their records can be read.",
  },
  credential_missing: {
    severity: "error",
    operator:
      "Rules have something fetched, and the source has no credential for the API's address, or says no address: their events wait. Set `api`.",
    client: "Events wait until their records can be read.",
  },
  credential_unreadable: {
    severity: "error",
    operator:
      "The source's credential is sealed with a key that SEALING_KEYS does not hold: events whose rules have something fetched wait. Put the key back, or set it anew.",
    client: "Events wait until their records can be read.",
  },
  fetch_failing: {
    severity: "error",
    operator:
      "The sender's API fails: events whose rules have something fetched wait, or made no call. Look at `api.base_url` (is all 404?) and the sender's status; a change of `api` tries at once.",
    client: "Events wait until their records can be read.",
  },
  fetch_limited: {
    severity: "warning",
    operator:
      "The sender's API asks to slow down (429, or 503 with Retry-After): events whose rules have something fetched wait as long as it says.",
    client: "Events wait until their records can be read.",
  },
  field_gone: {
    severity: "warning",
    operator:
      "A field that a rule or a template of its source reads has stopped coming: look at what the sender sends now.",
    client: "Something that is read of events no longer comes.",
  },
  field_changed: {
    severity: "warning",
    operator: "A field that a rule or a template of its source reads comes as another type than before.",
    client: "Something that is read of events comes in another form.",
  },
  country_differs: {
    severity: "warning",
    operator:
      "Numbers were read by another country than an address beside them names: a stranger may be rung. Set the rule's `country` to that field.",
    client: "Some numbers may have been read by the wrong country.",
  },
  // Possible attempts to hide an event (src/store/lookups/conflicts.ts).
  event_conflict: {
    severity: "warning",
    operator:
      "An event's id came again with other bytes: events with the reason `conflict`, which can be replayed. A sender uses an id twice, or somebody wants an event suppressed.",
    client: "An event came twice, and not alike.",
  },
  // Gaps in the books. The sweep looks for them, and `/readyz` names the rows.
  event_unplanned: {
    severity: "error",
    operator: "Events have waited for their plan for more than five minutes.",
    client: "Events wait to be planned.",
  },
  event_without_call: {
    severity: "error",
    operator: "A planned event has no call.",
    client: "The books do not balance.",
  },
  event_without_reason: {
    severity: "error",
    operator: "An event was ignored, and nothing says why.",
    client: "The books do not balance.",
  },
  call_without_entry: {
    severity: "error",
    operator: "No entry tells how a call came to its status: it was changed by something else than Hookline.",
    client: "The books do not balance.",
  },
  call_differs: {
    severity: "error",
    operator:
      "A call's row does not show what its entries say: it was changed by something else than Hookline. `hookline verify-audit` names the columns.",
    client: "A call is not as it was recorded.",
  },
  call_gone: {
    severity: "error",
    operator: "Entries tell of a call whose row was removed. `hookline verify-audit` names it.",
    client: "A call that was recorded is missing.",
  },
  entry_changed: {
    severity: "error",
    operator:
      "An entry at this position of the audit chain is not the one that was linked: it was changed. Run `hookline verify-audit`.",
    client: "The audit chain is being looked into.",
  },
  entry_removed: {
    severity: "error",
    operator: "An entry of the audit chain, or its link, was removed. Run `hookline verify-audit`.",
    client: "The audit chain is being looked into.",
  },
  lease_overdue: {
    severity: "error",
    operator: "A call is dialing long after its lease has ended: the sweep did not take it back.",
    client: "The books do not balance.",
  },
  look_overdue: {
    severity: "error",
    operator: "A call of which nobody knows whether it rang is not being looked up: its line does not wake.",
    client: "The books do not balance.",
  },
  list_unreadable: {
    severity: "error",
    operator:
      "Calls of which nobody knows whether they rang cannot be looked up: Mihu's list of conversations cannot be read. Until it can, nothing is decided about them.",
    client: "It is not known whether some calls were placed.",
  },
  poll_overdue: {
    severity: "error",
    operator: "A call that was placed is not asked after: its line does not wake.",
    client: "The books do not balance.",
  },
  expiry_overdue: {
    severity: "error",
    operator: "A call waits though it is too late for it: the sweep did not end it.",
    client: "The books do not balance.",
  },
  sweep_silent: {
    severity: "error",
    operator: "The sweep has not run for more than five minutes: look whether cron is set up.",
    client: "The service is not watched.",
  },
} as const satisfies Record<string, Sentences & { readonly severity: Severity }>;

/** Code of a problem that `/readyz` can list, or of a line's pause. */
export type ReadinessCode = keyof typeof problemReasons;
