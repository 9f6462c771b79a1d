import type { Preset } from "../preset/preset.ts";
import { ownKey, plainScheme } from "../preset/recipes.ts";
import { locationOf } from "../preset/settings.ts";

const message = "Envelope.Body.notifications";

/** The only response that acknowledges an outbound message. After any other, Salesforce retries for a day. */
const acknowledged = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>`;

/** Places in which a flow's callout may present the secret. */
const places = ["bearer", "basic", "header"] as const;

/**
 * Salesforce: unsigned. Outbound messages are SOAP with up to a hundred notifications, out of order and sometimes
 * duplicated. Flows send JSON in the form that their author chose.
 *
 * @see https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
 */
export const salesforce: Preset = {
  name: "salesforce",
  title: "Salesforce",
  settings: {
    location: {
      kind: "choice",
      default: "bearer",
      choices: places,
      about: "The place of the secret in a flow's callout (salesforce-flow).",
    },
    header: { kind: "header", default: "x-api-key", about: "The secret's header, where the location is header." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "salesforce-outbound-message",
      title: "Outbound message (SOAP)",
      recipe: () => ({ family: "secret", location: { in: "path" } }),
      reading: () => ({
        split: `${message}.Notification`,
        id: [{ path: "Id" }],
        type: [{ path: "sObject.@type", after: ":" }],
        key: {
          of: "id",
          source: "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm",
        },
        typeDefault: "sObject",
        time: [{ path: "sObject.LastModifiedDate" }, { path: "sObject.SystemModstamp" }],
        shared: [`${message}.OrganizationId`, `${message}.ActionId`],
      }),
      // The secret in the path may leak through access logs, so the organisation must match as well.
      tenant: {
        place: { path: `${message}.OrganizationId` },
        mandatory: true,
        ignoreCase: false,
        isSalesforceId: true,
        form: {
          pattern: /^00D[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?$/i,
          words:
            "is no id of an organisation: write the one under Setup, Company Information, in 15 or 18 characters that begin with 00D",
        },
      },
      formats: ["xml"],
      answer: { status: 200, contentType: "text/xml; charset=utf-8", body: acknowledged },
      // A session id: its holder can use the organisation's API as the sending user.
      credentials: ["SessionId"],
    },
    {
      ...plainScheme,
      name: "salesforce-flow",
      title: "Flow HTTP callout, Apex",
      recipe: (settings) => ({ family: "secret", location: locationOf(settings, places) }),
      reading: () => ({
        split: "",
        id: [{ header: "idempotency-key" }, { path: "event_id" }],
        type: [{ path: "type" }, { path: "event" }],
        key: ownKey,
        typeDefault: "flow",
        time: [{ path: "occurred_at" }, { path: "LastModifiedDate" }],
        sameBodyMs: 600_000,
      }),
      tenant: {
        place: { path: ["OrganizationId", "organization_id"] },
        mandatory: false,
        ignoreCase: false,
        isSalesforceId: true,
      },
    },
  ],
  retries: {
    tries: "for up to 24 hours, with pauses of up to two hours",
    notNow: 503,
    ends: [],
    source: "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm",
  },
  steps: [
    "In Setup: Workflow Actions, Outbound Messages, New; object Case.",
    "Endpoint URL: {url} (its last part is the source's secret). Leave “Send Session ID” off.",
    "Choose the fields: Id, CaseNumber, Status, Subject, LastModifiedDate, and whatever holds the phone number.",
    "Let a flow or a workflow rule send it. Name the organisation's id as tenant: Setup, Company Information shows its 15 characters (00D…), messages bring 18, and both are right.",
    "For a flow's HTTP callout instead: settings.scheme salesforce-flow; an External Credential with the header Authorization: Bearer and the secret; URL {url}; a JSON body with type, event_id and what the call has to know.",
  ],
};
