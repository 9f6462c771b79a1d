import type { Preset, ValueLocation } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** Events have no id. Each kind of event is sent once per state of an object, so object and state identify one. */
const stateId = (time: string): ValueLocation => ({
  joined: [{ header: "x-helpscout-event" }, { path: "id" }, { path: time }],
  by: "/",
});

/** @see https://developer.helpscout.com/webhooks/ */
export const helpScout: Preset = {
  name: "help-scout",
  title: "Help Scout",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "helpscout-sha1",
      title: "X-HelpScout-Signature",
      recipe: () => bodyHmac("x-helpscout-signature", { algorithm: "sha1", digest: "base64" }),
      reading: () => ({
        split: "",
        id: [stateId("updatedAt"), stateId("userUpdatedAt"), stateId("modifiedAt")],
        type: [{ header: "x-helpscout-event" }],
        key: { of: "id", source: "https://developer.helpscout.com/webhooks/" },
        typeDefault: "event",
        time: [{ path: "updatedAt" }, { path: "userUpdatedAt" }, { path: "modifiedAt" }, { path: "createdAt" }],
        // A deletion carries only the object's id, so identical bodies are one event for twelve hours.
        sameBodyMs: 43_200_000,
      }),
      unsignedFields: ["id", "type"],
    },
  ],
  secretCharactersMax: 40,
  retries: {
    tries: "up to five times",
    notNow: 503,
    ends: [],
    source: "https://developer.helpscout.com/webhooks/",
  },
  steps: [
    "In Help Scout: Manage, Apps, Webhooks (as an administrator).",
    "Callback URL: {url}",
    "Secret key: the source's secret, the same text, of at most 40 characters (openssl rand -hex 20). Payload version: V2.",
    "Choose events such as convo.created and convo.status, then Save.",
  ],
};
