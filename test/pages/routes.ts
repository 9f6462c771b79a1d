import { createPages } from "../../src/pages/app.tsx";

/** @returns Every route that the app has, as `GET /path`. */
export function routesOfPages(): string[] {
  const app = createPages(() => {
    throw new Error("the table opens no page");
  });
  return [
    ...new Set(app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`)),
  ].sort();
}
