import type { PageContext } from "../page.ts";
import { ErrorPage } from "./error-page.tsx";
import { Layout } from "./layout.tsx";
import { show } from "./response.tsx";

type Secret = { title: string; text: string; value: string; back: { path: string; name: string } };

/** A secret in the answer to a form. No page, address or history has it afterwards, and no cache stores the answer. */
export function showOnce(c: PageContext, { title, text, value, back }: Secret): Promise<Response> {
  return show(
    c,
    <Layout title={title} reader={c.var.reader}>
      <section class="act" aria-labelledby="once">
        <h1 id="once">{title}</h1>
        <p class="lead">{text} It is shown only once: copy it now.</p>
        <p class="copied-line">
          <code class="address" id="value">
            {value}
          </code>
          <button type="button" class="quiet needs-script" data-copies="value">
            Copy
          </button>
        </p>
        <p class="acts">
          <a class="button quiet" href={back.path}>
            {back.name}
          </a>
        </p>
      </section>
    </Layout>,
  );
}

export function notFoundPage(c: PageContext): Promise<Response> {
  return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
}
