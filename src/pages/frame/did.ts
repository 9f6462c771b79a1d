import { operationsDidWords } from "./operations-did.ts";

/** Messages after a form was sent, by the code in the address (`?did=`). */
export const didWords: Readonly<Record<string, string>> = {
  canceled: "The call is canceled.",
  released: "The call is released. Its line places it within its limits.",
  resolved: "The decision is stored.",
  again: "A further try is queued.",
  replayed: "The event went through the rules once more. Its calls are listed here.",
  noted: "The note is stored.",
  called: "The call is stored. Its line places it within its limits.",
  called_later: "The call is stored. It gets its place once Postgres answers.",
  done: "Done.",
  source_made: "The source is there. Set up its sender now.",
  source_saved: "The source is saved.",
  source_paused: "The source is paused. Its webhooks are stored and wait.",
  source_resumed: "The source is resumed. Its waiting events are decided now.",
  fetching: "The records are fetched now.",
  disconnected: "The source is disconnected. Its address answers 404.",
  secret_added: "The secret is stored, and verifies webhooks from now on.",
  secret_removed: "The secret is removed. It verifies nothing any more.",
  accepted: "Accepted. The events are planned now.",
  not_accepted: "Nothing was accepted: no request verifies now.",
  rule_saved: "The rule is saved.",
  rule_same: "Nothing was changed: the rule is as it was.",
  rule_mode: "The mode is changed.",
  rule_removed: "The rule is removed.",
  ...operationsDidWords,
};
