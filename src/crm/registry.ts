import type { Preset } from "../domain/events/webhook.ts";
import { activecampaign } from "./presets/activecampaign.ts";
import { adyen } from "./presets/adyen.ts";
import { airtable } from "./presets/airtable.ts";
import { asana } from "./presets/asana.ts";
import { atlassian } from "./presets/atlassian.ts";
import { attio } from "./presets/attio.ts";
import { bearer } from "./presets/bearer.ts";
import { bigcommerce } from "./presets/bigcommerce.ts";
import { calendly } from "./presets/calendly.ts";
import { close } from "./presets/close.ts";
import { copper } from "./presets/copper.ts";
import { dataverse } from "./presets/dataverse.ts";
import { freshdesk } from "./presets/freshdesk.ts";
import { front } from "./presets/front.ts";
import { generic } from "./presets/generic.ts";
import { github } from "./presets/github.ts";
import { gohighlevel } from "./presets/gohighlevel.ts";
import { gorgias } from "./presets/gorgias.ts";
import { helpScout } from "./presets/help-scout.ts";
import { hubspot } from "./presets/hubspot.ts";
import { intercom } from "./presets/intercom.ts";
import { kustomer } from "./presets/kustomer.ts";
import { linear } from "./presets/linear.ts";
import { monday } from "./presets/monday.ts";
import { mux } from "./presets/mux.ts";
import { notion } from "./presets/notion.ts";
import { odoo } from "./presets/odoo.ts";
import { paddle } from "./presets/paddle.ts";
import { pagerduty } from "./presets/pagerduty.ts";
import { pipedrive } from "./presets/pipedrive.ts";
import { razorpay } from "./presets/razorpay.ts";
import { salesforce } from "./presets/salesforce.ts";
import { sendgrid } from "./presets/sendgrid.ts";
import { shopify } from "./presets/shopify.ts";
import { slack } from "./presets/slack.ts";
import { square } from "./presets/square.ts";
import { standardWebhooks } from "./presets/standard-webhooks.ts";
import { stripe } from "./presets/stripe.ts";
import { svix } from "./presets/svix.ts";
import { twilio } from "./presets/twilio.ts";
import { typeform } from "./presets/typeform.ts";
import { woocommerce } from "./presets/woocommerce.ts";
import { zendesk } from "./presets/zendesk.ts";
import { zoho } from "./presets/zoho.ts";

/** Every preset by its name. Adding a CRM is one file and one line here. */
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
