/** Closed sets of hooks and deliveries. No I/O. */

/** `webhook`: a signed body for a program. `slack` and `email`: a message for people. */
export const hookFormats = ["webhook", "slack", "email"] as const;
export type HookFormat = (typeof hookFormats)[number];

/** Fields of a call in a body that show a person's number or texts. An erasure empties them. */
export const personalFields = ["number", "about", "summary", "recording_url"] as const;

/**
 * `paused`: a person paused it; deliveries wait. `disabled`: the receiver ended it or failed for days; events are
 * noted as missed.
 */
export const hookStates = ["active", "paused", "disabled"] as const;
export type HookState = (typeof hookStates)[number];

/** `given_up`: no try succeeded, or the receiver refused. `missed`: the hook was disabled. */
export const deliveryStates = ["pending", "delivered", "given_up", "missed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];
