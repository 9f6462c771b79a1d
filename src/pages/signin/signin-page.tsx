import type { PageDeps } from "../deps.ts";
import { Layout } from "../frame/layout.tsx";
import { TokenField } from "./token-field.tsx";

type Props = { next: string; refused: boolean; mode: PageDeps["mode"] };

/** The form for a token. A rejected token is never written back into the page. */
export function SigninPage({ next, refused, mode }: Props) {
  return (
    <Layout title="Sign in" reader={null}>
      <section class="signin" aria-labelledby="signin">
        <h1 id="signin">Sign in</h1>
        <p>Paste a token with the scope calls:read. You stay signed in for 12 hours at most.</p>
        <form method="post" action="/signin">
          <input type="hidden" name="next" value={next} />
          <TokenField refused={refused} />
          <button type="submit">Sign in</button>
        </form>
        <details>
          <summary>Where do I get a token?</summary>
          {mode === "local" ? (
            <p>
              <code>npm run hookline -- token --scope calls:read --days 7</code> prints one. The token that{" "}
              <code>npm start</code> made for you is in <code>.hookline/dev.json</code>.
            </p>
          ) : (
            <p>
              From the person who runs this service: <code>npm run hookline -- token --scope calls:read --days 90</code>
              . Numbers, texts and recordings need <code>--scope pii:read</code> as well.
            </p>
          )}
        </details>
      </section>
    </Layout>
  );
}
