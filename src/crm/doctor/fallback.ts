/** Advice by reason, for requests without a verified trial. */

const sentences: Readonly<Record<string, string>> = {
  signature_missing:
    "The request has no signature as this source expects it. Check that the sender has a secret for this webhook, and that the preset is the sender's. If both are right, a stranger sent it, and there is nothing to do.",
  signature_doubled:
    "The signature's header came twice, or with a comma: something on the way adds a second one. Have it sent once.",
  signature_malformed:
    "The signature is incomplete, or of another scheme. Compare the preset and its settings with the sender's documentation of its signatures.",
  signature_wrong:
    "The secret is probably a different one: copy it again from the webhook's page at the sender, and store it. If it is the same, something on the way changes the body.",
  timestamp_missing:
    "The signature has no time. The sender uses another scheme than the source, or a proxy removes the header: compare `settings.scheme` with the sender's documentation.",
  timestamp_malformed:
    "The signature's time cannot be read. Compare `settings.scheme` with the sender's documentation of its signatures.",
  timestamp_outside_tolerance:
    "The signature is too old or too new: a clock is wrong, or the request was delayed. Have the sender send it anew.",
  secret_missing: "The request has no secret. Have the sender put it where the source expects it.",
  secret_wrong:
    "The request has a different secret than the source. Copy the source's secret into the sender's settings, or store the one that the sender sends.",
  tenant_missing: "The request names no account. Have the sender name it, or remove `tenant` from the source.",
  tenant_mismatch:
    "The request is of another account than the source's `tenant`. Correct the tenant, or send it to another source.",
  url_unknown:
    "The signature covers the address, and Hookline does not know its own. Set PUBLIC_URL, or settings.url, to the address that the sender has.",
  body_digest_wrong:
    "The signature is valid, but the body is a different one: something on the way changed it. Configure the proxy to forward the bytes unchanged.",
  token_malformed: "The token cannot be read. Check the value that the sender writes into its header.",
  token_expired: "The token has expired: a clock is wrong, or the request was delayed. Have the sender send it anew.",
  token_wrong: "The secret is probably a different one. Copy the sender's signing secret again, and store it.",
  audience_wrong:
    "The token is for another address. Correct the address at the sender, or set PUBLIC_URL or settings.url.",
  public_secret:
    "The source's secret is published, so anybody can sign with it. Store the webhook's own secret, and remove this one.",
  handshake_refused:
    "The source has a secret already. To set the sender up anew, remove the source's secrets, and let the sender send its set-up request again.",
  no_secrets: "The source has no usable secret. Store the one that the sender shows for this webhook, as a whole.",
  method_not_allowed: "Events are accepted by POST only. Set the method to POST in the sender's settings.",
  empty: "The body is empty. Turn on in the sender's settings that it sends the event's data.",
  not_json:
    "The body is not valid JSON. Choose JSON in the sender's settings, or correct the template that is written there.",
  not_xml: "The body is not valid XML. Choose the sender's own XML format, unchanged.",
  not_multipart:
    "The form's parts cannot be read. Choose JSON or a plain form in the sender's settings, or check whether something on the way cut the body.",
  multipart_signed:
    "A signature over a multipart form cannot be checked. Choose JSON or a plain form in the sender's settings, or use a source with a shared secret (preset bearer).",
  encoding_unknown:
    "The body has an unknown compression. Turn compression off in the sender's settings, or choose gzip or deflate.",
  encoding_broken: "The compressed body is damaged. Have it sent again, or turn compression off at the sender.",
  inflated_too_large: "The decompressed body is too large. Have the sender send fewer fields, or smaller batches.",
  charset_unknown: "The body has an unknown character set. Choose UTF-8 in the sender's settings.",
  too_deep: "The body is nested too deeply. Have the sender send fewer fields of the record.",
  too_many_fields: "The body has too many fields. Have the sender send fewer fields of the record.",
  not_an_object:
    "The body is not a JSON object, and an event must be one. Correct the template in the sender's settings.",
  batch_missing:
    "The array of events is not where the source expects it. Correct settings.batch, or set settings.scheme to the one of this kind of request.",
  too_many_events: "The request has too many events. Have the sender send smaller batches.",
  split_too_large: "The request's events are too large together. Have the sender send smaller batches.",
  too_many_conflicts:
    "The sender uses one id for many different events. Have it give each event an id of its own, such as an Idempotency-Key header. The events that are stored can be replayed.",
  refused: "An event has a value that Postgres cannot store. Look in the log for the value's kind.",
};

/** @returns A sentence for any reason, including one that an older version stored. */
export function fallbackFor(reason: string): string {
  return (
    (Object.hasOwn(sentences, reason) ? sentences[reason] : undefined) ??
    "Compare the source's settings with the sender's documentation of its webhooks."
  );
}
