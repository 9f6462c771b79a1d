import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { visible } from "../parts/visible.ts";
import type { PresetView } from "../sources/api-types.ts";

type Props = { reader: Reader; presets: readonly PresetView[]; asked: string };

/** The first step: the sender's product. */
export function PresetsPage({ reader, presets, asked }: Props) {
  const wanted = asked.trim().toLowerCase();
  const found = presets
    .filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(wanted))
    .sort((one, other) => one.title.localeCompare(other.title, "en"));
  // The general presets are the answer for a product that has none of its own.
  const isGeneral = ({ name }: PresetView) => ["generic", "bearer", "standard-webhooks"].includes(name);
  const general = presets.filter(isGeneral);
  const [own, others] = [found.filter((one) => !isGeneral(one)), found.filter(isGeneral)];
  return (
    <Layout title="Set up a source" reader={reader}>
      <nav class="trail" aria-label="Where this is">
        <a href="/sources">Sources</a>
      </nav>
      <p class="above">Step 1 of 3</p>
      <h1>Who sends the webhooks?</h1>
      <form method="get" action="/sources/new" class="filter one">
        <p>
          <label for="q">Name of the product</label>
          <input id="q" type="search" name="q" value={asked} autocomplete="off" placeholder="HubSpot" />
        </p>
        <button type="submit">Search</button>
      </form>
      {found.length === 0 ? (
        <div class="empty">
          <p>No sender of this name is known. These work with each product that can sign or send a secret:</p>
          <PresetList presets={general} />
        </div>
      ) : (
        <>
          <PresetList presets={own} />
          {others.length === 0 ? null : (
            <>
              <h2>Any other product</h2>
              <PresetList presets={others} />
            </>
          )}
        </>
      )}
    </Layout>
  );
}

function PresetList({ presets }: { presets: readonly PresetView[] }) {
  return (
    <ul class="tiles">
      {presets.map(({ name, title }) => (
        <li>
          <a href={`/sources/new/${encodeURIComponent(name)}`}>
            <strong>{visible(title)}</strong>
          </a>
        </li>
      ))}
    </ul>
  );
}
