import { isDoorUrl } from "../http/door-address.ts";
import { app } from "./api.ts";
import { door } from "./door.ts";

/** The Worker's handler of requests: webhooks go to the door, everything else to the API and the pages. */
export function fetchHandler(request: Request, env: object, context: ExecutionContext): Response | Promise<Response> {
  return isDoorUrl(request.url) ? door.fetch(request, env, context) : app.fetch(request, env, context);
}
