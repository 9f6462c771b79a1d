/** Reasons of problems (`/readyz`, the balance, paused lines), each with its severity. */
import type { Explanation } from "./call-reasons.ts";
import type { Severity } from "./pause-reasons.ts";
import { pauseReasons } from "./pause-reasons.ts";

/** Problems that `/readyz` and the pages report. */
export const problemReasons = {
  ...pauseReasons,
  database_unavailable: {
    severity: "critical",
    what: "Postgres does not answer: no call is placed, and the inboxes store webhooks on their own disks.",
    next: "Check Postgres and Hyperdrive's address. Stored webhooks are planned by themselves afterwards.",
  },
  readiness_unknown: {
    severity: "critical",
    what: "The readiness of the last 90 s is unknown: the Durable Object that asks Postgres for it did not answer, or got no answer.",
    next: "Ask `/readyz` with a token, which reads it anew, and look in the log.",
  },
  migrations_missing: {
    severity: "critical",
    what: "Postgres lacks migrations of this version: Hookline cannot work.",
    next: "Run `hookline migrate`.",
  },
  no_line_dials: {
    severity: "critical",
    what: "Every line is paused, and not all of them by a person: no call is placed.",
    next: "The lines' own problems say why each is paused, and what to do.",
  },
  claims_slow: {
    severity: "error",
    what: "Postgres took two seconds or more to give a line its calls, so the line gave them back and rang nobody.",
    next: "It tries again by itself within a minute. Look for locks and load in Postgres.",
  },
  stops_stuck: {
    severity: "warning",
    what: "The last sweep could not cancel stopped calls (rule off, source closed, number suppressed): none of them rings, and they still count as queued.",
    next: "The sweep, which runs every minute, tries again. If it lasts, look in the log for the ids that are named here.",
  },
  review_overdue: {
    severity: "warning",
    what: "Calls wait for a person's decision for longer than `REVIEW_OVERDUE`.",
    next: "Decide them on the page Review, or with `hookline release` and `hookline resolve`.",
  },
  spilled: {
    severity: "warning",
    what: "Events are stored on their inbox's own disk, and wait for Postgres.",
    next: "They move by themselves. If it lasts while Postgres works, look in the log.",
  },
  spill_full: {
    severity: "critical",
    what: "An inbox's own disk is full of events that wait for Postgres: further webhooks are refused.",
    next: "Bring Postgres back. The stored events then move by themselves.",
  },
  inboxes_silent: {
    severity: "critical",
    what: "The inboxes do not answer, so it is unknown how many events wait on their disks.",
    next: "Check that the Durable Objects are deployed, and look in the log.",
  },
  directory_silent: {
    severity: "error",
    what: "The directory object does not answer: webhooks of sources that this Worker does not know yet, and outcome webhooks, get 503.",
    next: "Check that the `DIRECTORY` binding is deployed.",
  },
  chain_behind: {
    severity: "error",
    what: "The stored audit chain ends before the last signed position, so no new entry is signed: the database was restored, or the end of the chain was removed.",
    next: "Run `hookline verify-audit`. If you restored the database, accept it with `POST /v1/audit/restored`.",
  },
  chain_differs: {
    severity: "error",
    what: "The stored audit chain is not the signed one, so no new entry is signed: the database was restored, or the chain was rewritten.",
    next: "Run `hookline verify-audit`. If you restored the database, accept it with `POST /v1/audit/restored`.",
  },
  clocks_apart: {
    severity: "warning",
    what: "Postgres' clock and the Worker's differ by 2 s or more: calls ring early or late by it, and from 5 s on, lost answers are not found at Mihu.",
    next: "Set the clock of the host of Postgres by NTP, and the clock of this host if workerd runs on a machine of yours.",
  },
  clock_moved: {
    severity: "warning",
    what: "Postgres' clock jumped, or another server took over: calls ring early or late by as much.",
    next: "Set the clock of every Postgres host by NTP.",
  },
  entries_unsealed: {
    severity: "warning",
    what: "Audit entries have waited over 20 s for their signature.",
    next: "If database transactions are named here, end those that nobody needs. If none is named, look in the log for `entries not linked`.",
  },
  signatures_failed: {
    severity: "warning",
    what: "Many requests to a source failed their signature within a minute: its secret differs from the sender's, or somebody guesses.",
    next: "`hookline rejections SOURCE` explains them.",
  },
  source_rejecting: {
    severity: "warning",
    what: "Most requests to a source are refused: in ten minutes at least ten were, and more than it accepted events.",
    next: "`hookline rejections SOURCE` explains them.",
  },
  source_silent: {
    severity: "warning",
    what: "A source accepted no new event for longer than its `silent_after`.",
    next: "Check at the sender that its webhook is on and has the source's address. If such a silence is usual, set a longer `silent_after`.",
  },
  source_paused: {
    severity: "info",
    what: "A person paused this source: its webhooks are stored, and are planned when it resumes.",
    next: null,
  },
  source_went_back: {
    severity: "error",
    what: "Postgres was restored to an older version of this source, so the source is paused.",
    next: "The pause names secrets that may be active again: retire those that you do not want, check the rules, then `hookline resume` the source.",
  },
  secret_unreadable: {
    severity: "error",
    what: "Secrets are sealed with a key that `SEALING_KEYS` does not hold: they verify no webhook, and hooks that have them are told nothing.",
    next: "Put the key back, or set the secrets anew. A hook is removed and made again.",
  },
  credential_refused: {
    severity: "error",
    what: "The CRM's API rejects the source's credential (401 or 403): events that need a record wait.",
    next: "Set `api.credential` anew, or give it the rights that it lacks.",
  },
  credential_missing: {
    severity: "error",
    what: "The source has no address or no credential for the CRM's API, and rules fetch records from it: their events wait.",
    next: "Set the source's `api`.",
  },
  credential_unreadable: {
    severity: "error",
    what: "The source's credential is sealed with a key that `SEALING_KEYS` does not hold: events that need a record wait.",
    next: "Put the key back, or set the credential anew.",
  },
  fetch_failing: {
    severity: "error",
    what: "The CRM's API fails: events that need a record wait, or made no call.",
    next: "Check the CRM's status, and `api.base_url` if every answer is 404. Saving a changed `api` tries at once.",
  },
  fetch_limited: {
    severity: "warning",
    what: "The CRM's API asks to slow down (429, or 503 with Retry-After): events that need a record wait as long as it says.",
    next: "Nothing, unless it lasts: then raise the API's limit at the CRM, or fetch for fewer events.",
  },
  hook_disabled: {
    severity: "error",
    what: "A hook is disabled, since its receiver answered 410 or failed for five days: what happens is noted as missed, and not sent.",
    next: "Mend the receiver, resume the hook, and redeliver what it missed. Or remove the hook.",
  },
  hook_waits: {
    severity: "error",
    what: "Deliveries wait, because no valid token of their hook's owner has the scopes that the hook needs.",
    next: "Make a token of the owner's name with these scopes, or remove the hook.",
  },
  hook_failing: {
    severity: "warning",
    what: "A hook's receiver fails: a delivery failed at least three times, and the later ones come late.",
    next: "The tries of the hook's deliveries have its answers. Hookline tries again, and disables the hook after five days without a success.",
  },
  hooks_behind: {
    severity: "warning",
    what: "Hooks are told late: entries have waited for over five minutes to be delivered, or deliveries to a receiver that works have.",
    next: "A hook that is named here has a receiver that answers too slowly. If none is named, look in the log for `deliveries not made`.",
  },
  field_gone: {
    severity: "warning",
    what: "Webhooks no longer have a field that a rule, or a template of the source, reads.",
    next: "Compare it with a recent event, and correct the rule or the sender.",
  },
  field_changed: {
    severity: "warning",
    what: "A field that a rule, or a template of the source, reads has another type now.",
    next: "Compare it with a recent event, and correct the rule or the sender.",
  },
  country_differs: {
    severity: "warning",
    what: "Numbers were read as numbers of another country than the one in the address beside them: a stranger may be called.",
    next: "Set the rule's `country` to the field of that address.",
  },
  token_ends: {
    severity: "warning",
    what: "Tokens of these names end within 14 days, and no other token of the name is valid for longer: their clients then get 401.",
    next: "Let the client renew its token (`POST /v1/tokens/self/renew`), or make a new one of the same name with `hookline token`. If nobody needs the token, `hookline revoke` it.",
  },
  // Possible attempts to hide an event (src/store/lookups/conflicts.ts).
  event_conflict: {
    severity: "warning",
    what: "An event's id came again with other bytes: the sender uses an id twice, or somebody tries to suppress an event.",
    next: "The later ones made no call. Look at the events with the reason `conflict`, and replay those that are events of their own.",
  },
  // Gaps: rows that do not add up. The sweep looks for them, and `/readyz` names the rows.
  event_unplanned: {
    severity: "error",
    what: "Events have waited for their plan for more than five minutes.",
    next: "Look in the log for `events not planned yet` of their source.",
  },
  event_without_call: {
    severity: "error",
    what: "A planned event has no call: something other than Hookline removed it.",
    next: "Run `hookline verify-audit`, and find out what else writes to this database.",
  },
  event_without_reason: {
    severity: "error",
    what: "An event made no call, and its reason is missing: something other than Hookline changed the row.",
    next: "Find out what else writes to this database.",
  },
  call_without_entry: {
    severity: "error",
    what: "No audit entry explains a call's status: something other than Hookline changed it.",
    next: "Run `hookline verify-audit`, and find out what else writes to this database.",
  },
  call_differs: {
    severity: "error",
    what: "A call's row does not show what its audit entries say: something other than Hookline changed it.",
    next: "`hookline verify-audit` names the columns. Find out what else writes to this database.",
  },
  call_gone: {
    severity: "error",
    what: "The row of a call that has audit entries was removed.",
    next: "`hookline verify-audit` names it. Find out what else writes to this database.",
  },
  entry_changed: {
    severity: "error",
    what: "An audit entry at this position of the chain was changed after it was linked.",
    next: "Run `hookline verify-audit`, and find out what else writes to this database.",
  },
  entry_removed: {
    severity: "error",
    what: "An audit entry of the chain, or its link, was removed.",
    next: "Run `hookline verify-audit`, and find out what else writes to this database.",
  },
  lease_overdue: {
    severity: "error",
    what: "A call is `dialing` for minutes longer than its line may hold it: the sweep did not take it back.",
    next: "Look for errors of the sweep in the log, and check that cron runs.",
  },
  look_overdue: {
    severity: "error",
    what: "A call in `unknown` is overdue for its look-up at Mihu: its line did not run.",
    next: "Look in that line's log.",
  },
  list_unreadable: {
    severity: "error",
    what: "Calls in `unknown` cannot be looked up, because Mihu's list of conversations cannot be read: they stay `unknown`.",
    next: "Check that the token may list conversations at Mihu, and look in the line's log.",
  },
  poll_overdue: {
    severity: "error",
    what: "The outcome of a placed call is overdue by an hour or more: its line did not ask Mihu for it.",
    next: "Look in that line's log.",
  },
  expiry_overdue: {
    severity: "error",
    what: "A queued call is past its `expires` and did not end: the sweep did not reach it.",
    next: "Look for errors of the sweep in the log, and check that cron runs.",
  },
  sweep_silent: {
    severity: "error",
    what: "The sweep, which cron starts each minute, has not run for more than five: stuck calls are not found, and expired ones do not end.",
    next: "Check that the Worker's cron trigger is set, and look in the log.",
  },
} as const satisfies Record<string, Explanation & { readonly severity: Severity }>;

/** Code of a problem that `/readyz` can list, or of a line's pause. */
export type ReadinessCode = keyof typeof problemReasons;
