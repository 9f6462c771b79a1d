/**
 * Reasons of events and calls. The comment above each group names the files that assign them, which a test verifies.
 */
/**
 * A reason in words. `what`: what happened and what it means, in one sentence, which other sentences quote. `next`: what the reader can do,
 * or what Hookline does by itself; `null` if the reason is a normal end.
 */
export type Explanation = { readonly what: string; readonly next: string | null };

/** Next step for each call that may have rung without Mihu saying so. */
const lookedUp = "Hookline looks it up at Mihu, and does not dial it again meanwhile.";

export const callReasons = {
  // Reasons why an event made no call: src/domain/plan/foreseen-end.ts (most events that no rule wants),
  // src/domain/plan/plan.ts.
  no_rules: { what: "The source had no rule when the event was planned.", next: "Add a rule, then replay the event." },
  no_rule_matched: {
    what: "No rule's `on` and `when` matched this event.",
    next: "If one should have, `hookline preview` shows each rule's answer. Correct the rule, then replay the event.",
  },
  withdraws_only: { what: "The event only withdrew waiting calls of its record.", next: null },
  // Reasons why an event made no call, found when it is stored: src/store/events/commit.ts, src/flows/ingest/drain.ts,
  // src/flows/planning/plan.ts.
  replayed: {
    what: "The same bytes of this type came before under another id, and the sender does not sign the id: somebody may have sent a copied request, so the event makes no call.",
    next: "The first event was planned. Replay this event only if the sender meant it as a second event.",
  },
  conflict: {
    what: "Another event came first under this id, with other bytes: that one was planned, and this one made no call.",
    next: "Replay this event if it is not a copy of the first. If a call to the same number was already made for this id, the new call is held.",
  },
  unreadable: {
    what: "This element of the request cannot be read as an event.",
    next: "`detail` has the reason. Correct what the sender sends.",
  },
  plan_failed: {
    what: "Hookline failed to plan this event, because of a bug or because Postgres refused the plan: the event is stored and makes no call.",
    next: "Report it with `detail` and the log. Replay the event after an upgrade.",
  },
  not_storable: {
    what: "Postgres refused this event after it was acknowledged: only its body is stored, and it makes no call.",
    next: "Read its body, and place the call by hand if the customer should be called.",
  },
  secret_retired: {
    what: "The event was acknowledged while Postgres was down, but its secret had been retired: it is stored and makes no call.",
    next: "Replay it if it comes from your sender.",
  },
  source_closed_before: {
    what: "The source was closed before the event was planned: the event is stored and makes no call, also if the source is open again.",
    next: "Replay it if it should ring.",
  },
  // Reasons why one rule made nothing of an event, for previews: src/domain/plan/preview.ts.
  type_not_asked: { what: "The rule's `on` does not name this type.", next: null },
  condition_false: { what: "The rule's condition is false.", next: null },
  won_by_earlier: { what: "An earlier rule decided about the event, and this rule does not set `also`.", next: null },
  not_previewed: {
    what: "The preview's budget of work, which all its rules and events share, was used up.",
    next: "Preview one rule, or a smaller payload.",
  },
  not_fetched: {
    what: "A record that the rule needs is not stored with this event, and a preview, a rehearsal or a release sends no request for it.",
    next: "Give a preview the record from a file: `--record`. The rule itself fetches it when it runs.",
  },
  // Reasons why a rule was not evaluated: src/domain/plan/plan.ts.
  rules_too_heavy: {
    what: "The rules before this one used up the work that one event may cost, so this one did not run.",
    next: "Make their conditions and texts simpler, then replay the event.",
  },
  // Reasons why a rule decided against a call: src/domain/plan/weigh.ts.
  shadow: {
    what: "The rule is in shadow mode: it decides, and never rings.",
    next: "Set its `mode` to live once its decisions are right.",
  },
  condition_failed: {
    what: "The rule's condition could not be evaluated: a field is missing, or has another type.",
    next: "`detail` says which. Correct the condition, then replay the event.",
  },
  // Reasons why a record that a call needs could not be fetched: src/domain/fetch/fetch.ts.
  fetch_failed: {
    what: "The CRM's API did not return a record that the rule needs.",
    next: "`detail` has its answer and the tries. Replay the event once the API works.",
  },
  record_missing: {
    what: "The CRM's API does not know a record that the rule needs (404 or 410): it was deleted, or the id belongs elsewhere.",
    next: "If the record exists, check `api.base_url` and the credential, then replay the event.",
  },
  fetch_id_invalid: {
    what: "The event has no usable id for a record that the rule needs: it is missing, or has characters other than letters, digits, `_` and `-`.",
    next: "Correct the field that the fetch reads, then replay the event.",
  },
  // Reasons why a rule made no call that could ring: src/domain/plan/number.ts, src/domain/people/phone.ts,
  // src/domain/plan/weigh.ts, src/domain/plan/draft.ts.
  rule_broken: {
    what: "The saved rule cannot be read by this version of Hookline.",
    next: "Apply the rule again, then replay the event.",
  },
  line_missing: {
    what: "The rule names a line that does not exist.",
    next: "Add the line or correct the rule, then replay the event.",
  },
  no_number: {
    what: "None of the rule's numbers can be read as a phone number.",
    next: "Correct the number in the CRM, or the rule's `number`, then send or replay the event.",
  },
  number_refused: {
    what: "The number is of a kind that Hookline never calls, such as premium, shared-cost or emergency numbers.",
    next: "If it is wrong, correct it in the CRM, then send or replay the event.",
  },
  number_ambiguous: {
    what: "The number may belong to two countries: its digits are valid both with a lost plus and without one.",
    next: "`readings` in `detail` has both. Write the number with its calling code, such as +1, then send or replay the event.",
  },
  country_unreadable: {
    what: "The rule's `country` gave no country, and the number has no calling code of its own.",
    next: "Correct the field that `country` reads, or write the number with its calling code. Then replay the event.",
  },
  // Reasons why the line may not place a call: src/domain/plan/gates.ts; for a waiting call src/store/sweep.ts,
  // src/store/calls/windows.ts.
  country_not_allowed: {
    what: "The line does not call numbers of this country.",
    next: "Add the country to the line's `countries` if it should, then replay the event.",
  },
  never_open: {
    what: "The line's hours are never open at the same time in all the zones where the customer may be.",
    next: "Widen the line's `hours`, or give the rule a `zone`. Then replay the event.",
  },
  // Reasons why a gate of Postgres stopped a call: src/store/events/plans.ts; for a waiting call
  // src/store/calls/claims.ts, src/store/sweep.ts.
  suppressed: {
    what: "The number is suppressed: Hookline does not call it.",
    next: "Lift the suppression only with the customer's consent.",
  },
  once_per: { what: "A call for this `once_per` key of the rule was made already.", next: null },
  // Reasons why a call waits for a person: src/domain/plan/weigh.ts, and `burst` and `looks_like_a_loop` in
  // src/store/events/plans.ts.
  placeholder: {
    what: "A text uses a field that is missing or empty, and gives no default.",
    next: "Mend the rule or the record, then release the call with render `newest`, or cancel it.",
  },
  too_old: {
    what: "The event's own time is more than 48 hours before its receipt, and the sender does not sign the event's id: it may be a replay.",
    next: "Release the call if the customer should be called, or cancel it.",
  },
  burst: {
    what: "The rule made more calls than its `burst` allows.",
    next: "Check whether these customers should be called, then release or cancel the calls.",
  },
  looks_like_a_loop: {
    what: "A direct call repeats a call that was made to this number about the same order or record within 15 minutes: an automation may be asking for call after call.",
    next: "Release the call if the customer should be called, or cancel it. A client that means to call again sends `again: true` with a `reason`.",
  },
  // Reasons why a call ended without being placed: src/store/events/plans.ts (`withdrawn`, by a later event),
  // src/domain/plan/gates.ts (`expired`, at its plan), src/store/sweep.ts (either, while it waited),
  // src/store/calls/erasures.ts, src/store/calls/decisions.ts.
  expired: {
    what: "The call could not be placed before it expired.",
    next: "If it should still ring, ask for one more try with `POST /v1/calls/:id/again`; if a rule made it, a replay with `--ignore-expiry` does too.",
  },
  withdrawn: { what: "A later event of the same record withdrew the call.", next: null },
  erased: { what: "The call was erased: its number and texts are gone, and it can no longer be placed.", next: null },
  canceled: { what: "A person canceled the call.", next: null },
  // Reasons why calls of a rule, or of a whole source, no longer ring: src/domain/config/waiting-calls.ts, and
  // `rule_off` in src/flows/people/render-newest.ts.
  rule_off: { what: "The rule no longer rings: it is off, was removed, or is not live any more.", next: null },
  source_closed: { what: "The source was closed while the call waited.", next: null },
  // Warnings to a person who lets a call ring: src/domain/calls/rings-anyway.ts.
  anyway_rule_off: {
    what: "The rule would not make this call now (it is off, removed or in another mode), but this call still rings if you release it or try it again.",
    next: "Cancel it if it should not ring.",
  },
  anyway_closed: {
    what: "A closed source makes no calls, but this call still rings if you release it or try it again.",
    next: "Cancel it if it should not ring.",
  },
  // Reasons why a held call is not released by today's rule: src/flows/people/render-newest.ts,
  // src/flows/people/release.ts.
  rule_changed: {
    what: "The rule was changed after your dry run.",
    next: "Send the dry run again, then release the call with the `newest_version` of its answer as `rule_version`.",
  },
  rule_gone: {
    what: "The rule does not exist any more, or the call was requested directly: there is no newer text.",
    next: "Release the call with the texts that it has (`render: shown`), or cancel it.",
  },
  // Reasons why Mihu refused a call: src/mihu/answers.ts.
  refused: {
    what: "Mihu refused this call for good (422): it did not ring.",
    next: "`detail` has Mihu's answer. Correct what it names, then replay the event.",
  },
  // Reasons why a call waits in the queue after it was tried: src/mihu/answers.ts, src/flows/calling/dial.ts,
  // src/domain/calls/dial.ts, src/objects/line/dialler.ts, src/flows/calling/recover.ts.
  rate_limited: { what: "Mihu asked to slow down (429), so the line waits.", next: null },
  line_paused: {
    what: "Mihu refused the token, the account or the agent, not this call: the line paused, and the call did not ring.",
    next: "`/readyz` has the reason. The call is tried again once the line resumes.",
  },
  given_back: {
    what: "The line stopped before it sent the call to Mihu: the call did not ring and is tried again.",
    next: null,
  },
  gates_changed: {
    what: "Something that can stop calls, such as a suppression, changed after the line took the call: it was not sent, and is tried again if all checks still pass.",
    next: null,
  },
  not_begun: {
    what: "The line took the call but could not begin it in time, or its calling hours ended first: the call was not sent and is tried again.",
    next: null,
  },
  // Reasons for which a queued call waits and that no row holds, found when the call is read: src/store/fragments/waits.ts.
  outside_hours: { what: "The call waits for its line's next calling hours.", next: null },
  next_try: { what: "The rule waits between two tries.", next: null },
  asked_later: { what: "The call was asked for at a later time.", next: null },
  not_due: { what: "The call is due later, and the reason was not recorded.", next: null },
  number_busy: { what: "The call waits for the end of another call to the same number.", next: null },
  calls_per_minute: {
    what: "The line has placed as many calls as its `calls_per_minute` allows: the call waits for the next free place.",
    next: null,
  },
  calls_at_once: {
    what: "As many calls of the line go on as its `calls_at_once` allows: the call waits for the end of one.",
    next: null,
  },
  in_turn: { what: "The call is due, and its line takes it in turn.", next: null },
  // Reasons why a call waits for another day: src/store/calls/claims.ts.
  calls_per_day: {
    what: "The line has placed its `calls_per_day` for today: the call waits until midnight UTC.",
    next: null,
  },
  // Reasons why it is unknown whether a call rang: src/mihu/answers.ts.
  timed_out: { what: "Mihu did not answer within 30 s; the call may have rung.", next: lookedUp },
  connection_lost: { what: "The connection to Mihu broke before its answer; the call may have rung.", next: lookedUp },
  server_error: { what: "Mihu answered with a server error (5xx); the call may have rung.", next: lookedUp },
  unreadable_answer: { what: "Mihu's answer could not be read; the call may have rung.", next: lookedUp },
  unexpected_answer: {
    what: "Mihu gave an answer that its documentation does not describe; the call may have rung.",
    next: lookedUp,
  },
  // The reason why it is unknown whether a call rang, found by the sweep: src/store/sweep.ts.
  lease_expired: { what: "The line stopped before it recorded Mihu's answer; the call may have rung.", next: lookedUp },
  // Reasons why a person has to say whether a call rang: src/domain/calls/reconcile.ts.
  not_found: {
    what: "Hookline found no conversation of this call at Mihu; the call may still have rung.",
    next: "Look for the call at Mihu, or ask the customer. Then `resolve` the call: it rang, or it did not.",
  },
  several_found: {
    what: "Hookline found several conversations at Mihu that may be this call, or too many to read; the call may have rung.",
    next: "Open the conversations at Mihu and find the one of this call. Then `resolve` the call with that `conversation_uuid`, or as not rung.",
  },
} as const satisfies Record<string, Explanation>;
