/** @typedef {[x: number, y: number]} Point */
/** @typedef {{ readonly training: Point[], readonly validation: Point[], readonly steps: Point[] }} Lines */
/** @typedef {{ readonly name: 'epoch' | 'step', readonly from: number, readonly to: number }} Axis */
/** @typedef {{ readonly left: number, readonly top: number, readonly right: number, readonly bottom: number }} Box */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element of a picture.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
const svgElement = (name, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  element.append(...children);
  return element;
};

/**
 * An element of the page.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {...(Node | string)} children
 */
const pageElement = (name, className, ...children) => {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
};

/** Points of a line with marks; more of them are a line only. */
const MOST_MARKS = 60;

/** @param {readonly Point[]} points */
const finite = (points) => points.filter(([, y]) => Number.isFinite(y));

/**
 * The values that an axis must show: of the many steps without the few that are far off.
 *
 * @param {Lines} lines
 */
const shownValues = ({ training, validation, steps }) => {
  const ofSteps = finite(steps)
    .map(([, y]) => y)
    .sort((a, b) => a - b);
  const off = Math.floor(ofSteps.length * 0.02);
  const ofEpochs = finite([...training, ...validation]).map(([, y]) => y);
  return [...ofEpochs, ...ofSteps.slice(off, ofSteps.length - off)];
};

/**
 * What a picture shows, for those who hear it.
 *
 * @param {string} metric
 * @param {Lines} lines
 */
const described = (metric, { training, validation }) => {
  /** @param {string} name @param {readonly Point[]} points */
  const line = (name, points) => {
    const [first, last] = [finite(points)[0], finite(points).at(-1)];
    if (first === undefined || last === undefined) return '';
    return ` ${name} from ${numberText(first[1])} to ${numberText(last[1])}.`;
  };
  return `${metric} by epochs.${line('Training', training)}${line('Validation', validation)}`;
};

/**
 * The legend's mark for a line.
 *
 * @param {'training' | 'validation'} data
 */
const legendMark = (data) =>
  svgElement(
    'svg',
    { viewBox: '0 0 26 10', 'aria-hidden': 'true' },
    svgElement('line', { class: `line ${data}`, x1: 0, x2: 26, y1: 5, y2: 5 }),
    svgElement('circle', { class: `point ${data}`, cx: 13, cy: 5, r: 3 }),
  );

/** A panel: a metric's name, its values, and its curves. */
class Chart {
  /** @param {string} metric */
  constructor(metric) {
    this.metric = metric;
    this.training = pageElement('b', '');
    this.validation = pageElement('b', '');
    this.ofValidation = pageElement('span', '', legendMark('validation'), 'validation ', this.validation);
    this.ofValidation.hidden = true;
    this.plot = pageElement('div', 'plot');
    this.element = pageElement(
      'div',
      'chart',
      pageElement(
        'div',
        'heading',
        pageElement('h3', '', metric),
        pageElement(
          'div',
          'values',
          pageElement('span', '', legendMark('training'), 'training ', this.training),
          this.ofValidation,
        ),
      ),
      this.plot,
    );
  }

  /**
   * The last values.
   *
   * @param {number} training
   * @param {number | undefined} validation
   */
  setValues(training, validation) {
    setText(this.training, numberText(training));
    this.ofValidation.hidden = validation === undefined;
    if (validation !== undefined) setText(this.validation, numberText(validation));
  }

  /**
   * @param {Lines} lines
   * @param {Axis} axis
   */
  draw(lines, axis) {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (width === 0 || height === 0) return;
    const svg = svgElement('svg', {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': described(this.metric, lines),
    });
    const values = shownValues(lines);
    const [low, high] = values.length === 0 ? [0, 1] : rangeOf(values);
    const yTicks = values.length === 0 ? [] : ticksOf(low, high, 5);
    const yTexts = tickTexts(yTicks);
    const left = 12 + 6.8 * Math.max(1, ...yTexts.map((text) => text.length));
    /** @type {Box} */
    const box = { left, top: 8, right: width - 10, bottom: height - 34 };
    /** @param {number} x */
    const across = (x) => box.left + ((x - axis.from) / (axis.to - axis.from || 1)) * (box.right - box.left);
    /** @param {number} y */
    const up = (y) => box.bottom - ((y - low) / (high - low)) * (box.bottom - box.top);
    svg.append(...frame(box, axis, across, up, yTicks, yTexts));
    svg.append(curves(lines, box, across, up));
    if (values.length === 0)
      svg.append(
        svgElement(
          'text',
          {
            class: 'name',
            x: (box.left + box.right) / 2,
            y: (box.top + box.bottom) / 2,
            'text-anchor': 'middle',
          },
          'no finite values',
        ),
      );
    this.plot.replaceChildren(svg);
  }
}

/**
 * The panel behind the curves, and the numbers beside and below.
 *
 * @param {Box} box
 * @param {Axis} axis
 * @param {(x: number) => number} across
 * @param {(y: number) => number} up
 * @param {readonly number[]} yTicks
 * @param {readonly string[]} yTexts
 */
const frame = ({ left, top, right, bottom }, { name, from, to }, across, up, yTicks, yTexts) => {
  const xTicks = ticksOf(from, to, Math.max(2, Math.floor((right - left) / 70))).filter(Number.isInteger);
  return [
    svgElement('rect', { class: 'panel', x: left, y: top, width: right - left, height: bottom - top }),
    ...yTicks.map((tick) =>
      svgElement('line', { class: 'grid', x1: left, x2: right, y1: up(tick), y2: up(tick) }),
    ),
    ...xTicks.map((tick) =>
      svgElement('line', { class: 'grid', x1: across(tick), x2: across(tick), y1: top, y2: bottom }),
    ),
    ...yTicks.map((tick, index) =>
      svgElement(
        'text',
        { class: 'tick', x: left - 6, y: up(tick) + 4, 'text-anchor': 'end' },
        yTexts[index] ?? '',
      ),
    ),
    ...xTicks.map((tick) =>
      svgElement(
        'text',
        { class: 'tick', x: across(tick), y: bottom + 14, 'text-anchor': 'middle' },
        String(tick),
      ),
    ),
    svgElement(
      'text',
      { class: 'name', x: (left + right) / 2, y: bottom + 29, 'text-anchor': 'middle' },
      name,
    ),
  ];
};

/**
 * The curves, cut at the panel's edge.
 *
 * @param {Lines} lines
 * @param {Box} box
 * @param {(x: number) => number} across
 * @param {(y: number) => number} up
 */
const curves = (lines, { left, top, right, bottom }, across, up) => {
  // An inner picture cuts what is outside of it; a point at the end of the axis is whole.
  const inner = svgElement('svg', { x: left, y: top, width: right - left + 4, height: bottom - top });
  /** @param {readonly Point[]} points @returns {Point[]} */
  const placed = (points) => finite(points).map(([x, y]) => [across(x) - left, up(y) - top]);
  /** @param {readonly Point[]} points @param {string} name */
  const line = (points, name) =>
    svgElement('polyline', {
      class: `line ${name}`,
      points: points.map(([x, y]) => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`).join(' '),
    });
  inner.append(line(placed(lines.steps), 'training steps'));
  for (const data of /** @type {const} */ (['training', 'validation'])) {
    const points = placed(lines[data]);
    inner.append(line(points, data));
    if (points.length > MOST_MARKS) continue;
    inner.append(
      ...points.map(([cx, cy]) => svgElement('circle', { class: `point ${data}`, cx, cy, r: 2.8 })),
    );
  }
  return inner;
};
