/** The events that hooks receive, as webhooks of the OpenAPI document. */
import * as z from "zod";
import { hookEventTypes, testEventType } from "../../src/domain/hooks/event-types.ts";
import { toldData } from "../../src/http/api/answers/feed.ts";
import { isoTime } from "../../src/http/api/answers/words.ts";

type Json = Record<string, unknown>;

const header = (name: string, description: string): Json => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
});

const headers = [
  header("webhook-id", "The same at each try of a delivery."),
  header("webhook-timestamp", "Time of this try, in seconds since 1970."),
  header(
    "webhook-signature",
    "`v1,` and the base64 of an HMAC-SHA256; two, with a space between them, during a rotation.",
  ),
];

/** @param place gives a schema its name in the document, and a reference to it */
export function webhooksOf(place: (name: string, schema: z.ZodType) => Json): Json {
  const types = [...hookEventTypes, testEventType];
  return Object.fromEntries(types.map((type) => [type, { post: webhookOf(type, place) }]));
}

function webhookOf(type: string, place: (name: string, schema: z.ZodType) => Json): Json {
  const name = type
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  const family = type.startsWith("call.") ? "call" : type === testEventType ? "test" : "trouble";
  const body = z.strictObject({ type: z.literal(type), timestamp: isoTime, data: toldData[family] });
  return {
    operationId: `receive${name}`,
    summary: `${type}, sent to a hook`,
    tags: ["hooks"],
    security: [],
    parameters: headers,
    requestBody: { required: true, content: { "application/json": { schema: place(`${name}Event`, body) } } },
    responses: {
      "2XX": { description: "Received. Any 2xx within 15 seconds." },
      "4XX": {
        description: "Refused: given up after three tries. 408, 425 and 429 are tried again, and 410 ends the hook.",
      },
    },
  };
}
