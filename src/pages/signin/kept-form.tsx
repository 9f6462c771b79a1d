/**
 * A form that was sent after its session had ended. The fields are kept in the page itself: signing in shows them again,
 * and a second click sends them. Nothing is done before.
 */
import { Layout } from "../frame/layout.tsx";
import { isSecretName } from "../parts/secret-name.ts";
import { visible } from "../parts/visible.ts";
import { TokenField } from "./token-field.tsx";

type Fields = readonly (readonly [name: string, value: string])[];

/** Names of fields in the sign-in form that are not part of the kept form. */
const prefix = "kept.";

type Props = { path: string; fields: Fields; refused: boolean };

/** The sign-in form around a form that was sent too late. */
export function KeptFormPage({ path, fields, refused }: Props) {
  return (
    <Layout title="Sign in again" reader={null}>
      <section class="signin" aria-labelledby="signin">
        <h1 id="signin">Your session has ended</h1>
        <p>Nothing was done yet. Sign in: your form is kept, and you can send it then.</p>
        <form method="post" action="/signin">
          <input type="hidden" name="resume" value={path} />
          {fields
            .filter(([name]) => !isSecretName(name))
            .map(([name, value]) => (
              <input type="hidden" name={prefix + name} value={value} />
            ))}
          <TokenField refused={refused} />
          <button type="submit">Sign in</button>
        </form>
      </section>
    </Layout>
  );
}

/** The kept form, after signing in. */
export function SendAgainPage({ path, fields }: Omit<Props, "refused">) {
  const shown = fields.filter(([, value]) => value !== "");
  return (
    <Layout title="Send it now" reader={null}>
      <section class="signin" aria-labelledby="again">
        <h1 id="again">You are signed in. Send it now?</h1>
        <p>These fields were kept:</p>
        <dl class="kept">
          {shown.map(([name, value]) => (
            <div>
              <dt>{visible(name.replaceAll("_", " "))}</dt>
              <dd>
                <bdi>{isSecretName(name) ? "kept, not shown" : visible(value)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
        <form method="post" action={path}>
          {fields.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <button type="submit">Send it</button>
        </form>
        <p class="note">
          <a href={path}>Open the form instead</a>
        </p>
      </section>
    </Layout>
  );
}

/** @returns The kept form in a sent sign-in form; null if there is none. */
export function keptForm(form: URLSearchParams): { resume: string; fields: Fields } | null {
  const resume = form.get("resume");
  if (resume === null) return null;
  const fields = [...form].flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  );
  return { resume, fields };
}
