/** Messages after a decision of operations. */
export const operationsDidWords: Readonly<Record<string, string>> = {
  line_made: "The line is made. Rules can call by it.",
  line_saved: "The settings are saved. They hold for the next call.",
  line_paused: "The line is paused. It begins no call.",
  line_paused_in_flight: "The line is paused. Calls that it had sent to Mihu before could not be stopped.",
  line_pause_unconfirmed:
    "The line is paused, but it did not confirm it: a call that it had claimed just before may still begin.",
  line_resumed: "The line is resumed. Waiting calls begin within its limits.",
  lines_paused: "All lines are paused. None of them begins a call.",
  lines_paused_in_flight: "All lines are paused. Calls that were sent to Mihu before could not be stopped.",
  lines_pause_unconfirmed:
    "All lines are paused, but one did not confirm it: a call that it had claimed just before may still begin.",
  lines_resumed: "The lines that were paused together are resumed.",
  lines_none_resumed: "No line was paused together with all others, so none was resumed.",
  line_removed: "The line is removed.",
  hook_changed: "The hook of this address is changed.",
  hook_paused: "The hook is paused. Its deliveries wait.",
  hook_resumed: "The hook is resumed. Waiting deliveries are sent.",
  hook_tested: "The test is among the deliveries. An active hook sends it now.",
  hook_redelivers: "Hookline looks for these events. An active hook sends them again.",
  hook_removed: "The hook is removed. Nothing is sent to its address.",
  delivery_again: "The delivery is due again. An active hook sends it now.",
  number_suppressed:
    "The number is suppressed. No line begins a call to it. Its waiting calls are canceled, many of them bit by bit.",
  suppression_ended: "The suppression is ended. Lines may call the number again.",
  token_revoked: "The token is revoked.",
  line_kept: "Mihu had the right webhook of this line already.",
  line_created: "Mihu sends the outcomes of this line from now on.",
  line_changed: "Mihu's webhook of this line is corrected.",
  line_rotated: "Mihu's webhook of this line has a new address and a new secret.",
};
