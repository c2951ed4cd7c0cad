/** @typedef {import('../messages').Values} Values */

const VALIDATION = 'val_';

/** All that is known. @type {Message | undefined} */
let known;
let isConnected = false;
/** Why nothing comes any more, if so. @type {string | null} */
let lost = null;
let isDrawn = false;
/** @type {Map<string, Chart>} */
const charts = new Map();

/** @param {Values} values */
const metricsIn = (values) =>
  Object.keys(values).map((name) => (name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name));

/**
 * A value by its name, which may be that of something that all objects have.
 *
 * @param {Values} values
 * @param {string} name
 */
const valueIn = (values, name) => (Object.hasOwn(values, name) ? values[name] : undefined);

/**
 * What is known with what is new.
 *
 * @param {Message} message
 * @returns {Message}
 */
const joined = (message) =>
  known === undefined || message.isWhole
    ? message
    : {
        ...message,
        epochs: [...known.epochs, ...message.epochs],
        steps: [...known.steps, ...message.steps],
        layers: message.layers ?? known.layers,
      };

/**
 * Where curves begin and end: at the last epoch that is to come, if there are few, so that they do not move.
 *
 * @param {Message} message
 * @returns {Axis}
 */
const axisOf = ({ facts, position, steps }) => {
  if (facts === null) return { name: 'epoch', from: 0, to: 1 };
  const { initialEpoch, epochs } = facts;
  // Nobody knows how long the first epoch is: steps are all that can be counted.
  if (facts.steps === null) return { name: 'step', from: 0, to: Math.max(10, steps.at(-1)?.total ?? 0) };
  const isFew = epochs - initialEpoch <= 30;
  return {
    name: 'epoch',
    from: initialEpoch,
    to: isFew ? epochs : Math.max(position?.epoch ?? 0, initialEpoch + 1),
  };
};

/**
 * @param {string} metric
 * @param {Message} message
 * @returns {Lines}
 */
const linesOf = (metric, { epochs, steps, facts }) => {
  /** @param {string} name @returns {Point[]} */
  const ofEpochs = (name) =>
    epochs
      .filter(({ values }) => Object.hasOwn(values, name))
      .map(({ epoch, values }) => [epoch, numberOf(values[name])]);
  const perEpoch = facts?.steps ?? null;
  return {
    training: perEpoch === null ? [] : ofEpochs(metric),
    validation: perEpoch === null ? [] : ofEpochs(VALIDATION + metric),
    steps: steps
      .filter(({ values }) => Object.hasOwn(values, metric))
      .map(({ epoch, step, total, values }) => [
        perEpoch === null ? total : epoch - 1 + step / perEpoch,
        numberOf(values[metric]),
      ]),
  };
};

/** @param {Message} message */
const showCharts = (message) => {
  const last = message.epochs.at(-1)?.values ?? {};
  const metrics = new Set([...metricsIn(message.values), ...metricsIn(last)]);
  const axis = axisOf(message);
  for (const metric of metrics) {
    const chart = charts.get(metric) ?? new Chart(metric);
    if (!charts.has(metric)) {
      charts.set(metric, chart);
      byId('charts').append(chart.element);
    }
    const tested = valueIn(last, VALIDATION + metric);
    chart.setValues(
      numberOf(valueIn(message.values, metric) ?? valueIn(last, metric)),
      tested === undefined ? undefined : numberOf(tested),
    );
    chart.draw(linesOf(metric, message), axis);
  }
  byId('curves-empty').hidden = metrics.size > 0;
  byId('curves-key').hidden = metrics.size === 0;
};

const show = () => {
  isDrawn = true;
  if (known === undefined) return;
  showProgress(known);
  showControls(known, isConnected);
  if (lost !== null) showLost(lost);
  if (known.layers !== null) showLayers(known.layers);
  showCharts(known);
};

/** @param {string} why */
const showLost = (why) => {
  document.documentElement.dataset.phase = 'lost';
  setText(byId('status'), why);
};

/** Draws what is known, at most once for each picture that the screen shows. */
const draw = () => {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(show);
};

/** @param {Record<string, unknown>} command */
const send = async (command) => {
  setText(byId('note'), '');
  try {
    const answer = await fetch(`/command${location.search}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(command),
    });
    if (!answer.ok) setText(byId('note'), (await answer.text()).trim());
  } catch {
    setText(byId('note'), 'The program could not be reached.');
  }
};

const follow = () => {
  const source = new EventSource(`/events${location.search}`);
  source.addEventListener('message', ({ data }) => {
    isConnected = true;
    lost = null;
    known = joined(JSON.parse(data));
    if (isOver(known.phase)) source.close();
    draw();
  });
  source.addEventListener('error', () => {
    if (known !== undefined && isOver(known.phase)) return;
    isConnected = false;
    const isGone = source.readyState === EventSource.CLOSED;
    lost = isGone ? 'This training is not there any more' : 'Connection lost: has the program ended?';
    showLost(lost);
    draw();
  });
};

byId('pause').addEventListener('click', () => {
  const isHeld = known?.phase === 'paused' || known?.phase === 'pausing';
  void send({ command: isHeld ? 'resume' : 'pause' });
});
byId('halve').addEventListener('click', () => void send({ command: 'lowerLearningRate', factor: 0.5 }));
byId('tenth').addEventListener('click', () => void send({ command: 'lowerLearningRate', factor: 0.1 }));

const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));
byId('stop').addEventListener('click', () => {
  dialog.returnValue = '';
  dialog.showModal();
});
dialog.addEventListener('close', () => {
  if (dialog.returnValue === 'stop') void send({ command: 'stop' });
});

new ResizeObserver(draw).observe(byId('charts'));
isDrawn = true;
follow();
