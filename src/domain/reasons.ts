/**
 * Why something ended, waits or was refused: stable codes, each with the operator's sentence and the client's.
 *
 * The operator's says what to look at; the client's says no more than an outsider may know.
 */
type Sentences = { readonly operator: string; readonly client: string };

export const reasons = {
  // Why an event made no call.
  no_rules: { operator: "The source has no rule yet.", client: "No rule wanted this event." },
  no_rule_matched: { operator: "No rule's `on` and `when` matched this event.", client: "No rule wanted this event." },
  withdraws_only: {
    operator: "The event only withdrew waiting calls of its record.",
    client: "The event withdrew waiting calls.",
  },
  unreadable: { operator: "This element of the request cannot be read.", client: "This event cannot be read." },
  plan_failed: {
    operator: "Hookline failed to plan this event: a mistake of its own. The event is kept.",
    client: "This event could not be planned.",
  },
  // Why a call was decided against.
  shadow: { operator: "The rule is in shadow: it decides and rings nobody.", client: "The rule is in shadow." },
  condition_failed: {
    operator: "The rule's condition met a field that is missing or of another type.",
    client: "The rule's condition could not be decided.",
  },
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
  country_not_allowed: {
    operator: "The line may not ring numbers of this country.",
    client: "The line may not ring this country.",
  },
  never_open: {
    operator: "The line's hours are never open in all the zones that the customer may be in.",
    client: "There is no hour in which this call may be placed.",
  },
  suppressed: { operator: "The number is suppressed.", client: "The number is not to be rung." },
  once_per: {
    operator: "The rule's once_per key has had its call already.",
    client: "This customer was called about it already.",
  },
  // Why a call waits for a person.
  placeholder: {
    operator: "A text uses a field that is missing or empty, and gives no default.",
    client: "A text of this call is incomplete.",
  },
  burst: {
    operator: "The rule made more calls than its burst allows; a person may release them.",
    client: "The call waits for a person.",
  },
  // Why a call ended without being placed.
  expired: {
    operator: "The call could not be placed in the time that its rule gives.",
    client: "The call could not be placed in time.",
  },
  withdrawn: { operator: "A later event of the same record withdrew the call.", client: "The call was withdrawn." },
  canceled: { operator: "A person canceled the call.", client: "The call was canceled." },
  refused: {
    operator: "Mihu refused this call for good; its answer is in the detail.",
    client: "The voice service refused the call.",
  },
  // Why a call waits in the queue after it was tried.
  rate_limited: {
    operator: "Mihu asked to slow down; the line waits as long as it was told.",
    client: "The call will be tried again shortly.",
  },
  line_paused: {
    operator: "Mihu's answer is about us and not about the call; the line is paused.",
    client: "The line is paused.",
  },
  not_begun: {
    operator: "The lease was too short to begin the call; it was not sent.",
    client: "The call will be tried again shortly.",
  },
  // Why nobody can know whether it rang.
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
  lease_expired: {
    operator: "The line that dialled stopped before it recorded an answer; it may have rung.",
    client: "It is not known whether the call was placed.",
  },
  // Why a person has to say whether it rang.
  not_found: {
    operator: "Mihu has no conversation that can be this call and no other; it may still have rung.",
    client: "It is not known whether the call was placed.",
  },
  several_found: {
    operator: "Mihu has several conversations that may be this call, or more than can be looked through.",
    client: "It is not known whether the call was placed.",
  },
  // Why a line is paused.
  unauthenticated: { operator: "Mihu refuses the token (401).", client: "The line is paused." },
  payment_required: { operator: "Mihu wants the account paid (402).", client: "The line is paused." },
  forbidden: { operator: "Mihu forbids the call to this token (403).", client: "The line is paused." },
  agent_missing: { operator: "Mihu does not know the line's agent (404).", client: "The line is paused." },
  database_went_back: {
    operator:
      "Postgres knows fewer claims than this line has made: it was restored, or failed over. Resume the line once that is understood.",
    client: "The line is paused.",
  },
  paused_by_person: { operator: "A person paused the line.", client: "The line is paused." },
} as const satisfies Record<string, Sentences>;

export type ReasonCode = keyof typeof reasons;

/** Why a line is paused that no good answer of Mihu's can mend: only a person ends such a pause. */
export const endedByPerson: readonly string[] = ["paused_by_person", "database_went_back"] satisfies ReasonCode[];

/** @returns the operator's sentence of a stored code; an unknown one (an older or newer version wrote it) is shown as it is. */
export function explain(code: string): string {
  return Object.hasOwn(reasons, code) ? reasons[code as ReasonCode].operator : code;
}
