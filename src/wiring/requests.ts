import { isDoorUrl } from "../http/door-address.ts";
import { door } from "./door.ts";

/** The API and the pages, loaded by their first request. A Worker and its objects start faster without them. */
let app: Promise<typeof import("./api.ts").app> | null = null;

/** The Worker's request handler. Webhooks go to the webhook endpoint, everything else to the API and the pages. */
export async function fetchHandler(request: Request, env: object, context: ExecutionContext): Promise<Response> {
  if (isDoorUrl(request.url)) return await door.fetch(request, env, context);
  app ??= import("./api.ts").then((module) => module.app);
  return await (await app).fetch(request, env, context);
}
