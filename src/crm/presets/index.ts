import type { JsonValue } from "../../domain/json.ts";
import type { Preset } from "../preset/preset.ts";
import { type CheckedSettings, checkSettings } from "../preset/settings.ts";
import { activecampaign } from "./activecampaign.ts";
import { adyen } from "./adyen.ts";
import { airtable } from "./airtable.ts";
import { asana } from "./asana.ts";
import { atlassian } from "./atlassian.ts";
import { attio } from "./attio.ts";
import { bearer } from "./bearer.ts";
import { bigcommerce } from "./bigcommerce.ts";
import { calendly } from "./calendly.ts";
import { close } from "./close.ts";
import { copper } from "./copper.ts";
import { dataverse } from "./dataverse.ts";
import { freshdesk } from "./freshdesk.ts";
import { front } from "./front.ts";
import { generic } from "./generic.ts";
import { github } from "./github.ts";
import { gohighlevel } from "./gohighlevel.ts";
import { gorgias } from "./gorgias.ts";
import { helpScout } from "./help-scout.ts";
import { hubspot } from "./hubspot.ts";
import { intercom } from "./intercom.ts";
import { kustomer } from "./kustomer.ts";
import { linear } from "./linear.ts";
import { monday } from "./monday.ts";
import { mux } from "./mux.ts";
import { notion } from "./notion.ts";
import { odoo } from "./odoo.ts";
import { paddle } from "./paddle.ts";
import { pagerduty } from "./pagerduty.ts";
import { pipedrive } from "./pipedrive.ts";
import { razorpay } from "./razorpay.ts";
import { salesforce } from "./salesforce.ts";
import { sendgrid } from "./sendgrid.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { square } from "./square.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { stripe } from "./stripe.ts";
import { svix } from "./svix.ts";
import { twilio } from "./twilio.ts";
import { typeform } from "./typeform.ts";
import { woocommerce } from "./woocommerce.ts";
import { zendesk } from "./zendesk.ts";
import { zoho } from "./zoho.ts";

/** Registry of presets by name. A new CRM is one file and one line here (see CONTRIBUTING.md). */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [
    activecampaign,
    adyen,
    airtable,
    asana,
    atlassian,
    attio,
    bearer,
    bigcommerce,
    calendly,
    close,
    copper,
    dataverse,
    freshdesk,
    front,
    generic,
    github,
    gohighlevel,
    gorgias,
    helpScout,
    hubspot,
    intercom,
    kustomer,
    linear,
    monday,
    mux,
    notion,
    odoo,
    paddle,
    pagerduty,
    pipedrive,
    razorpay,
    salesforce,
    sendgrid,
    shopify,
    slack,
    square,
    standardWebhooks,
    stripe,
    svix,
    twilio,
    typeform,
    woocommerce,
    zendesk,
    zoho,
  ].map((preset) => [preset.name, preset]),
);

/** @returns The preset of that name, or null. */
export function findPreset(name: string): Preset | null {
  return presets.get(name) ?? null;
}

/** Checks a source's settings against its preset. An unknown preset accepts none. */
export function checkPresetSettings(name: string, settings: JsonValue | undefined): CheckedSettings {
  const preset = findPreset(name);
  return preset === null ? { ok: true, value: {} } : checkSettings(preset, settings);
}
