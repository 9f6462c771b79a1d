/**
 * Charts as SVG, made on the server. Their words stand outside of the drawing, so that they keep their size on a narrow
 * screen, and the same numbers are a table.
 */
import { scaleBand, scaleLinear } from "d3-scale";
import { area, curveMonotoneX, line, stack } from "d3-shape";
import { groupedNumber } from "../../views/numbers.ts";
import { durationText, timeText } from "../../views/times.ts";
import { useViewer } from "../viewer.ts";
import { type Ending, endings, type Figure, sumOf } from "./figures.ts";

/** Units of a drawing. It is stretched to the width of the page. */
const wide = 720;
const high = 160;
const low = 90;

type Props = { id: string; title: string; by: "hour" | "day"; figures: readonly Figure[] };

export function Charts({ id, title, by, figures }: Props) {
  const rings = sumOf(figures, (figure) => figure.rings);
  return (
    <section class="part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {rings === 0 ? (
        <p class="empty">No call was placed in this time.</p>
      ) : (
        <>
          <Legend figures={figures} />
          <div class="charts">
            <CallBars id={id} by={by} figures={figures} />
            <WaitingLines id={id} by={by} figures={figures} />
          </div>
        </>
      )}
      <NumbersTable title={title} by={by} figures={figures} />
    </section>
  );
}

function Legend({ figures }: { figures: readonly Figure[] }) {
  return (
    <ul class="legend">
      <li>
        <span class="key rings-key" aria-hidden="true" />
        Rings <strong>{groupedNumber(sumOf(figures, ({ rings }) => rings))}</strong>
      </li>
      {endings.map(({ key, name }) => (
        <li>
          <span class={`key ${key}-key`} aria-hidden="true" />
          {name} <strong>{groupedNumber(sumOf(figures, ({ ends }) => ends[key]))}</strong>
        </li>
      ))}
    </ul>
  );
}

/** Calls of each bucket: a wide bar of rings, and in front of it the ends on top of each other. */
function CallBars({ id, by, figures }: Omit<Props, "title">) {
  const ended = (figure: Figure) => endings.reduce((sum, { key }) => sum + figure.ends[key], 0);
  const most = Math.max(1, ...figures.map((figure) => Math.max(figure.rings, ended(figure))));
  const x = scaleBand<number>(figures.keys(), [0, wide]).paddingInner(0.25);
  const y = scaleLinear([0, most], [high, 0]).nice(4);
  const keys: Ending[] = endings.map(({ key }) => key);
  const layers = stack<Figure, Ending>()
    .keys(keys)
    .value((figure, key) => figure.ends[key])([...figures]);
  const inset = x.bandwidth() / 6;
  const top = figures.reduce((best, figure) => (figure.rings > best.rings ? figure : best));
  return (
    <figure>
      <figcaption>Calls</figcaption>
      <div class="plot">
        <Scale ticks={y.ticks(3)} end={y.domain()[1] ?? most} text={groupedNumber} />
        <svg
          viewBox={`0 0 ${wide} ${high}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={`${id}-calls-title ${id}-calls-desc`}
        >
          <title id={`${id}-calls-title`}>Rings and their outcomes</title>
          <desc id={`${id}-calls-desc`}>
            {`${groupedNumber(sumOf(figures, ({ rings }) => rings))} rings. The most, ${groupedNumber(top.rings)}, ${by === "day" ? "on" : "from"} ${bucketText(top.at, by, "UTC")}. The table below has all numbers.`}
          </desc>
          {y.ticks(3).map((tick) => (
            <line class="grid" x1={0} x2={wide} y1={y(tick)} y2={y(tick)} />
          ))}
          {figures.map(({ rings }, index) => (
            <rect class="rings" x={x(index)} width={x.bandwidth()} y={y(rings)} height={high - y(rings)} />
          ))}
          {layers.map((layer) =>
            layer.map(([from, to], index) =>
              to === from ? null : (
                <rect
                  class={layer.key}
                  x={(x(index) ?? 0) + inset}
                  width={x.bandwidth() - 2 * inset}
                  y={y(to)}
                  height={y(from) - y(to)}
                />
              ),
            ),
          )}
        </svg>
      </div>
      <Axis by={by} figures={figures} />
    </figure>
  );
}

/** Waiting time of each bucket: the median as a line, and the area up to the 95th percentile. */
function WaitingLines({ id, by, figures }: Omit<Props, "title">) {
  const known = figures.flatMap(({ waiting_s }) => (waiting_s === null ? [] : [waiting_s.p95]));
  const most = Math.max(1, ...known);
  const x = (index: number) => ((index + 0.5) / figures.length) * wide;
  const y = scaleLinear([0, most], [low, 0]).nice(3);
  const defined = ({ waiting_s }: Figure) => waiting_s !== null;
  const median = line<Figure>(
    (_, index) => x(index),
    ({ waiting_s }) => y(waiting_s?.p50 ?? 0),
  )
    .defined(defined)
    .curve(curveMonotoneX);
  const spread = area<Figure>()
    .x((_, index) => x(index))
    .y0(({ waiting_s }) => y(waiting_s?.p50 ?? 0))
    .y1(({ waiting_s }) => y(waiting_s?.p95 ?? 0))
    .defined(defined)
    .curve(curveMonotoneX);
  const lone = figures.flatMap((figure, index) =>
    defined(figure) && !isKnown(figures[index - 1]) && !isKnown(figures[index + 1]) ? [{ figure, index }] : [],
  );
  return (
    <figure>
      <figcaption>Waiting time from due to placed: median, and up to the 95th percentile</figcaption>
      <div class="plot">
        <Scale ticks={y.ticks(2)} end={y.domain()[1] ?? most} text={durationText} />
        <svg
          viewBox={`0 0 ${wide} ${low}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={`${id}-waiting-title ${id}-waiting-desc`}
        >
          <title id={`${id}-waiting-title`}>Waiting time of calls</title>
          <desc id={`${id}-waiting-desc`}>
            {`The longest 95th percentile was ${durationText(Math.max(0, ...known))}. The table below has all numbers.`}
          </desc>
          {y.ticks(2).map((tick) => (
            <line class="grid" x1={0} x2={wide} y1={y(tick)} y2={y(tick)} />
          ))}
          <path class="spread" d={spread([...figures]) ?? ""} />
          <path class="median" d={median([...figures]) ?? ""} />
          {lone.map(({ figure: { waiting_s }, index }) => (
            <line
              class="median"
              x1={x(index) - 4}
              x2={x(index) + 4}
              y1={y(waiting_s?.p50 ?? 0)}
              y2={y(waiting_s?.p50 ?? 0)}
            />
          ))}
        </svg>
      </div>
      <Axis by={by} figures={figures} />
    </figure>
  );
}

function isKnown(figure: Figure | undefined): boolean {
  return figure !== undefined && figure.waiting_s !== null;
}

/** The least and the highest value of a scale. */
function Scale({ ticks, end, text }: { ticks: readonly number[]; end: number; text(value: number): string }) {
  return (
    <span class="scale" aria-hidden="true">
      <span>{text(Math.max(end, ...ticks))}</span>
      <span>0</span>
    </span>
  );
}

/** First, middle and last bucket. */
function Axis({ by, figures }: { by: "hour" | "day"; figures: readonly Figure[] }) {
  const { zone } = useViewer();
  const marks = [0, Math.floor(figures.length / 2), figures.length - 1].flatMap((at) => figures[at] ?? []);
  return (
    <span class="marks" aria-hidden="true">
      {marks.map(({ at }) => (
        <span>{bucketText(at, by, zone)}</span>
      ))}
    </span>
  );
}

/** @returns The begin of a bucket. Days are days of UTC. */
function bucketText(at: string, by: "hour" | "day", zone: string): string {
  const [date = "", clock = ""] = timeText(at, "minutes", by === "day" ? "UTC" : zone).split(", ");
  const [weekday = "", day = "", month = ""] = date.split(" ");
  return by === "day" ? `${weekday} ${day} ${month}` : clock;
}

function NumbersTable({ title, by, figures }: Omit<Props, "id">) {
  const { zone } = useViewer();
  return (
    <details class="numbers">
      <summary>The same as numbers</summary>
      <section class="scrolls" tabindex={0} aria-label={`Numbers: ${title}`}>
        <table class="rows-table plain-table">
          <thead>
            <tr>
              <th scope="col">{by === "day" ? "Day (UTC)" : "Hour"}</th>
              <th scope="col">Rings</th>
              {endings.map(({ name }) => (
                <th scope="col">{name}</th>
              ))}
              <th scope="col">Waiting, median</th>
              <th scope="col">Waiting, 95 %</th>
              <th scope="col">Requests refused</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ at, rings, ends, waiting_s, refused }) => (
              <tr>
                <th scope="row">{bucketText(at, by, zone)}</th>
                <td>{groupedNumber(rings)}</td>
                {endings.map(({ key }) => (
                  <td>{groupedNumber(ends[key])}</td>
                ))}
                <td>{waiting_s === null ? "–" : durationText(waiting_s.p50)}</td>
                <td>{waiting_s === null ? "–" : durationText(waiting_s.p95)}</td>
                <td>{refused === null ? "not counted" : groupedNumber(refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
