/** Advice by reason, for requests without a verified trial. */

const sentences: Readonly<Record<string, string>> = {
  signature_missing:
    "Nothing in the request is signed as this source expects it: look whether the sender has a secret for this webhook, and whether the preset is the sender's. Anybody who finds the address can send such requests.",
  signature_doubled:
    "The signature's header came twice, or with a comma in it: something on the way adds a second one. It has to come once.",
  signature_malformed:
    "The signature is cut, or of another scheme: compare the preset and its settings with what the sender says of its signatures.",
  signature_wrong:
    "Most likely the secret is another one: copy it again from the webhook's own page at the sender, and store it. Else the body was changed on its way in a manner that was not guessed.",
  timestamp_missing:
    "The signature's time did not come: the sender signs in another way than the source says, or its header is lost on the way.",
  timestamp_malformed:
    "The signature's time is in no form that is known: compare the scheme with what the sender says of its signatures.",
  timestamp_outside_tolerance: "A clock is off, or the request came late.",
  secret_missing: "No secret came: have the sender present it where the source looks for it.",
  secret_wrong:
    "Another secret came than the source has: copy the source's own into the sender's settings, or store the one that it sends.",
  tenant_missing: "The request names no account: choose the tenant that the source takes, or take it off.",
  tenant_mismatch: "The request is of another account than the source takes.",
  url_unknown: "The signature covers the address: set PUBLIC_URL, or settings.url, to the address that the sender has.",
  body_digest_wrong:
    "The signature is right and the body is another one: something on the way changed it. Have the bytes passed on as they came.",
  token_malformed: "What came is no token that can be read: look at what the sender writes into its header.",
  token_expired: "The token is over: a clock is off, or the request came late.",
  token_wrong: "Most likely the secret is another one: copy the sender's signing secret again, and store it.",
  audience_wrong: "The token is for another address: correct it at the sender, or set PUBLIC_URL or settings.url.",
  public_secret: "The source's secret is one that everybody knows: store the webhook's own, and take this one off.",
  handshake_refused: "To have the sender set up anew, remove the source's secrets first, and let it ask again.",
  no_secrets: "The source has no secret that can be used: store the one that the sender shows for this webhook, whole.",
  method_not_allowed: "Set the method to POST in the sender's settings: by any other nothing is taken.",
  empty: "The body is empty: choose in the sender's settings that it sends its data.",
  not_json: "Choose JSON as the body's format in the sender's settings, or correct the body that is written there.",
  not_xml: "Choose the sender's own XML format, unchanged.",
  not_multipart:
    "The form's parts cannot be read: have the sender choose JSON or a plain form, or look whether something on the way cut the body.",
  multipart_signed:
    "Choose JSON or a plain form as the body's format in the sender's settings. Or give the sender an address of its own with a shared secret (preset bearer).",
  encoding_unknown: "Switch the compression off in the sender's settings, or choose gzip or deflate, once.",
  encoding_broken: "The compressed body came damaged: have it sent again, or switch the compression off at the sender.",
  inflated_too_large:
    "The inflated body is too large: have the sender send less of the record, or make its batches smaller.",
  charset_unknown: "Choose UTF-8 in the sender's settings.",
  too_deep: "The sender nests too deep: have it send less of the record.",
  too_many_fields: "The sender sends too many fields: have it send less of the record.",
  not_an_object: "An event is an object: correct the body that is written in the sender's settings.",
  batch_missing:
    "The array of events is not where the source looks for it: correct settings.batch, or choose the scheme of this kind of request.",
  too_many_events: "The request carries too many events: have the sender make its batches smaller.",
  split_too_large: "Its events are too large together: have the sender make its batches smaller.",
  too_many_conflicts:
    "The sender uses one id for many different events: have it name each event by an id of its own, such as an Idempotency-Key header. What is stored of them can be replayed.",
  refused: "An event holds what cannot be stored: look into the service's log.",
};

/** @returns A sentence for any reason, including one that an older version stored. */
export function fallbackFor(reason: string): string {
  return (
    (Object.hasOwn(sentences, reason) ? sentences[reason] : undefined) ??
    "Compare the source's settings with what the sender says of its webhooks."
  );
}
