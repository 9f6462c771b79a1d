/**
 * Reasons of events and calls. The comment above each group names the files that assign them, which a test verifies.
 */
/**
 * The two sentences of a reason. The operator's says what to check; the client's says no more than an outsider may
 * know.
 */
export type Sentences = { readonly operator: string; readonly client: string };

export const callReasons = {
  // Why an event made no call: src/domain/plan/foreseen-end.ts (most events that no rule wants), src/domain/plan/plan.ts.
  no_rules: { operator: "The source has no rule yet.", client: "No rule wanted this event." },
  no_rule_matched: { operator: "No rule's `on` and `when` matched this event.", client: "No rule wanted this event." },
  withdraws_only: {
    operator: "The event only withdrew waiting calls of its record.",
    client: "The event withdrew waiting calls.",
  },
  // Why an event made no call, found when it is stored: src/store/events/commit.ts, src/flows/ingest/drain.ts, src/flows/planning/plan.ts.
  replayed: {
    operator:
      "The same bytes of this type came before under another id, and the sender does not sign the id: it is taken for a replay.",
    client: "This event came before.",
  },
  conflict: {
    operator:
      "The event's id came first with other bytes, which are planned. Replay this one if it is an event of its own: a call to a number that this id and rule called already is held.",
    client: "An event of this id came before, and was another one.",
  },
  unreadable: { operator: "This element of the request cannot be read.", client: "This event cannot be read." },
  plan_failed: {
    operator: "Hookline failed to plan this event: a mistake of its own. The event is kept.",
    client: "This event could not be planned.",
  },
  not_storable: {
    operator:
      "Postgres refused this event as it came, after it was acknowledged: it is kept as text alone, and makes no call. Look at its body.",
    client: "This event could not be kept as it came.",
  },
  secret_retired: {
    operator:
      "The event was acknowledged while Postgres was down, and its secret was retired before it came: it is kept and makes no call. Replay it if it is your sender's.",
    client: "This event was not signed with a valid secret.",
  },
  source_closed_before: {
    operator:
      "The source was closed after the event had come, or before, while Postgres was down: the event is kept and makes no call, also if the source was opened again. Replay it if it should ring.",
    client: "The source of this event was closed.",
  },
  // Why one rule made nothing of an event, which a preview says: src/domain/plan/preview.ts.
  type_not_asked: {
    operator: "The rule's `on` does not name this type.",
    client: "The rule does not want this event.",
  },
  condition_false: { operator: "The rule's condition is false.", client: "The rule does not want this event." },
  won_by_earlier: {
    operator: "A rule before it has the event, and this one does not say `also`.",
    client: "Another rule has this event.",
  },
  not_previewed: {
    operator:
      "The preview's budget of work, which all its rules and events share, was used up. Preview one rule, or a smaller payload.",
    client: "The preview was too much work.",
  },
  not_fetched: {
    operator:
      "What the rule has fetched was never fetched for this event: a preview or a rehearsal asks nobody for it.",
    client: "The rule needs more than is known of this event.",
  },
  // Why a rule was not asked: src/domain/plan/plan.ts.
  rules_too_heavy: {
    operator:
      "The rules before this one used up the work that one event may cost, so it decided nothing. Make their conditions and texts simpler, then replay the event.",
    client: "The rules were too much work for this event.",
  },
  // Why a call was decided against: src/domain/plan/weigh.ts.
  shadow: { operator: "The rule is in shadow: it decides and rings nobody.", client: "The rule is in shadow." },
  condition_failed: {
    operator: "The rule's condition met a field that is missing or of another type.",
    client: "The rule's condition could not be decided.",
  },
  // Why what a call needs could not be fetched: src/domain/fetch/fetch.ts.
  fetch_failed: {
    operator:
      "What the rule wants fetched could not be had from the sender's API; `detail` says what it answered, and how often it was asked. The event can be replayed.",
    client: "Something that the call needs could not be fetched.",
  },
  record_missing: {
    operator:
      "The sender's API does not know the record that the rule wants fetched (404): it was deleted, or its id is another's.",
    client: "The record does not exist any more.",
  },
  fetch_id_invalid: {
    operator:
      "The id of what the rule wants fetched is missing from the event, or is no plain id (letters, digits, `_` and `-`): nothing was asked.",
    client: "The record cannot be named.",
  },
  // Why a rule made no call that could ring: src/domain/plan/number.ts, src/domain/people/phone.ts, src/domain/plan/weigh.ts,
  // src/domain/plan/draft.ts.
  rule_broken: {
    operator: "This saved rule can no longer be read; save it again.",
    client: "The rule cannot be read.",
  },
  line_missing: { operator: "The rule names a line that does not exist.", client: "The line does not exist." },
  no_number: {
    operator: "None of the rule's numbers can be read as a phone number.",
    client: "There is no number that can be rung.",
  },
  number_refused: {
    operator: "The number is of a kind that is never rung (premium, shared cost, emergency).",
    client: "The number is of a kind that is never rung.",
  },
  number_ambiguous: {
    operator:
      "The number's digits are a number of two countries: with the plus that they may have lost, and without it. See `readings` in `detail`.",
    client: "The number may be that of two people.",
  },
  country_unreadable: {
    operator: "The rule's `country` gave something that is no country, and the number has no calling code of its own.",
    client: "The number's country is not known.",
  },
  // Why its line may not place it: src/domain/plan/gates.ts; for a call that waits src/store/sweep.ts, src/store/calls/windows.ts.
  country_not_allowed: {
    operator: "The line may not ring numbers of this country.",
    client: "The line may not ring this country.",
  },
  never_open: {
    operator: "The line's hours are never open in all the zones that the customer may be in.",
    client: "There is no hour in which this call may be placed.",
  },
  // Why a gate of Postgres stopped it: src/store/events/plans.ts; for a call that waits src/store/calls/claims.ts, src/store/sweep.ts.
  suppressed: { operator: "The number is suppressed.", client: "The number is not to be rung." },
  once_per: {
    operator: "The rule's once_per key has had its call already.",
    client: "This customer was called about it already.",
  },
  // Why a call waits for a person: src/domain/plan/weigh.ts, and `burst` in src/store/events/plans.ts.
  placeholder: {
    operator: "A text uses a field that is missing or empty, and gives no default.",
    client: "A text of this call is incomplete.",
  },
  too_old: {
    operator:
      "What the body itself calls its time is more than 48 hours old, and the sender does not sign the event's id: it may be a replay.",
    client: "The call waits for a person.",
  },
  burst: {
    operator: "The rule made more calls than its burst allows; a person may release them.",
    client: "The call waits for a person.",
  },
  // Why a call ended without being placed: src/store/events/plans.ts (`withdrawn`, by a later event), src/domain/plan/gates.ts (`expired`, at its
  // plan), src/store/sweep.ts (either, while it waited), src/store/calls/erasures.ts, src/store/calls/decisions.ts.
  expired: {
    operator: "The call could not be placed in the time that its rule gives.",
    client: "The call could not be placed in time.",
  },
  withdrawn: { operator: "A later event of the same record withdrew the call.", client: "The call was withdrawn." },
  erased: {
    operator: "The call was erased: its number and its texts are gone, and it can no longer be placed.",
    client: "The call was erased.",
  },
  canceled: { operator: "A person canceled the call.", client: "The call was canceled." },
  // Why calls of a rule, or of a whole source, ring no more: src/domain/config/waiting-calls.ts, and `rule_off` in
  // src/flows/people/render-newest.ts.
  rule_off: {
    operator: "The rule rings nobody any more: it is off, was removed, or does not ring live any more.",
    client: "The rule is off.",
  },
  source_closed: {
    operator: "The source was closed while the call waited.",
    client: "The source does not place calls any more.",
  },
  // Warnings to a person who lets a call ring: src/domain/calls/rings-anyway.ts.
  anyway_rule_off: {
    operator: "The rule makes no such calls any more; this call rings all the same if a person lets it.",
    client: "The rule of this call is off.",
  },
  anyway_closed: {
    operator: "The source makes no calls any more; this call rings all the same if a person lets it.",
    client: "The source does not place calls any more.",
  },
  // Why a held call is not released by today's rule: src/flows/people/render-newest.ts,
  // src/flows/people/release.ts.
  rule_changed: {
    operator:
      "The rule has another version by now than the one whose difference was shown: look at the difference again, and name that version.",
    client: "The rule has changed meanwhile.",
  },
  rule_gone: {
    operator:
      "There is no such rule any more, or the call was asked for directly: nothing newer can be said than what is shown.",
    client: "The rule does not exist any more.",
  },
  // Why Mihu refused it: src/mihu/answers.ts.
  refused: {
    operator: "Mihu refused this call for good; its answer is in the detail.",
    client: "The voice service refused the call.",
  },
  // Why a call waits in the queue after it was tried: src/mihu/answers.ts, src/flows/calling/dial.ts, src/domain/calls/dial.ts,
  // src/objects/line/dialler.ts, src/flows/calling/recover.ts.
  rate_limited: {
    operator: "Mihu asked to slow down; the line waits as long as it was told.",
    client: "The call will be tried again shortly.",
  },
  line_paused: {
    operator: "Mihu's answer is about us and not about the call; the line is paused.",
    client: "The line is paused.",
  },
  given_back: {
    operator: "The line was stopped before it began the call; it was not sent.",
    client: "The call will be tried again shortly.",
  },
  gates_changed: {
    operator:
      "Something that stops calls changed after the line had taken the call: it was not sent, and every gate is asked again.",
    client: "The call will be tried again shortly.",
  },
  not_begun: {
    operator:
      "The call could not begin soon enough after it was taken, or before its calling hours ended; it was not sent.",
    client: "The call will be tried again shortly.",
  },
  // Reasons for which a queued call waits and that no row holds, found when the call is read: src/store/fragments/waits.ts.
  not_due: {
    operator: "The call is due later: at its next calling hour, at its rule's next try, or when it was asked for.",
    client: "The call is due later.",
  },
  in_turn: {
    operator:
      "The call is due. Its line places it as soon as its pace allows it and no other call to this number is under way.",
    client: "The call is placed in its turn.",
  },
  // Why a call waits for another day: src/store/calls/claims.ts.
  calls_per_day: {
    operator: "The line has placed as many calls as it may in a day; what else is due waits until midnight UTC.",
    client: "The call waits for another day.",
  },
  // Why it is unknown whether the call rang: src/mihu/answers.ts.
  timed_out: {
    operator: "Mihu did not answer in 30 s; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  connection_lost: {
    operator: "The connection to Mihu broke; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  server_error: {
    operator: "Mihu answered with an error of its own; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  unreadable_answer: {
    operator: "Mihu's answer cannot be read; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  unexpected_answer: {
    operator: "Mihu gave an answer that its documentation does not know; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  // The same, found by the sweep: src/store/sweep.ts.
  lease_expired: {
    operator: "The line that dialled stopped before it recorded an answer; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  // Why a person has to say whether it rang: src/domain/calls/reconcile.ts.
  not_found: {
    operator: "Mihu has no conversation that can be this call and no other; it may still have rung.",
    client: "It is not known whether the call was placed.",
  },
  several_found: {
    operator: "Mihu has several conversations that may be this call, or more than can be looked through.",
    client: "It is not known whether the call was placed.",
  },
} as const satisfies Record<string, Sentences>;
