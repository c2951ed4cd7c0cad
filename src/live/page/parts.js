/** @typedef {import('../messages').Message} Message */
/** @typedef {import('../messages').LayerNorms} LayerNorms */

/** @param {string} id */
const byId = (id) => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
};

/** @param {string} id */
const buttonOf = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/**
 * Writes a text where it is another one.
 *
 * @param {Element} element
 * @param {string} text
 */
const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** What a fit is doing, in words. */
const PHASES = {
  preparing: 'Getting ready',
  running: 'Training',
  pausing: 'Pausing, once the steps are done that run',
  paused: 'Paused',
  stopping: 'Stopping, once the steps are done that run',
  done: 'The training is done',
  stopped: 'Stopped before its end; the history is kept',
  failed: 'The training has failed',
};

/** @param {Message['phase']} phase */
const isOver = (phase) => phase === 'done' || phase === 'stopped' || phase === 'failed';

/**
 * How much of a fit is done, from 0 to 1.
 *
 * @param {Message} message
 */
const doneOf = ({ facts, position, phase }) => {
  if (phase === 'done') return 1;
  if (facts === null || position === null) return 0;
  const ofEpoch = facts.steps === null ? 0 : position.step / facts.steps;
  const done = (position.epoch - 1 - facts.initialEpoch + ofEpoch) / (facts.epochs - facts.initialEpoch);
  return Math.min(1, Math.max(0, done));
};

/** @param {Message} message */
const showProgress = (message) => {
  const { facts, position, phase, reason } = message;
  const done = doneOf(message);
  document.documentElement.dataset.phase = phase;
  setText(byId('status'), reason === null ? PHASES[phase] : `${PHASES[phase]}: ${reason}`);
  /** @type {HTMLProgressElement} */ (byId('bar')).value = done;
  const title = `${Math.floor(100 * done)} % · ${facts === null ? 'training' : facts.model}`;
  if (document.title !== title) document.title = title;
  if (facts === null || position === null) return;
  setText(byId('model'), facts.model);
  setText(byId('epoch'), `${position.epoch} of ${facts.epochs}`);
  setText(byId('step'), facts.steps === null ? String(position.step) : `${position.step} of ${facts.steps}`);
  const left = isOver(phase) ? null : position.left;
  setText(byId('left'), left === null ? '–' : durationText(left));
  setText(byId('elapsed'), durationText(position.elapsed));
  setText(byId('speed'), position.stepsPerSecond === null ? '–' : speedText(position.stepsPerSecond));
  setText(byId('rate'), trimmed(numberText(numberOf(position.learningRate))));
};

/**
 * Which buttons can be pressed, and what they are called.
 *
 * @param {Message} message
 * @param {boolean} isConnected
 */
const showControls = ({ phase, position }, isConnected) => {
  const canAct = isConnected && !isOver(phase) && phase !== 'stopping';
  const isHeld = phase === 'paused' || phase === 'pausing';
  setText(buttonOf('pause'), isHeld ? 'Go on' : 'Pause');
  buttonOf('pause').disabled = !canAct;
  buttonOf('stop').disabled = !canAct;
  const fixed = position === null ? '' : position.fixedRate;
  for (const id of ['halve', 'tenth']) {
    buttonOf(id).disabled = !canAct || fixed !== null;
    buttonOf(id).title = fixed ?? '';
  }
};

/** @param {LayerNorms} layers */
const showLayers = ({ epoch, gradientEpoch, rows }) => {
  byId('layers').hidden = rows.length === 0;
  /** @param {number} number */
  const after = (number) => (number === 0 ? 'before the first epoch' : `after epoch ${number}`);
  const hasChange = rows.some(({ change }) => change !== null);
  setText(
    byId('layers-caption'),
    `Euclidean norms of the weights ${after(epoch)}` +
      `${gradientEpoch === null ? '' : `, of the loss’s gradient ${after(gradientEpoch)} on the first batch of the data`}` +
      `${hasChange ? `, and of what epoch ${epoch} has changed: |w after − w before|` : ''}.`,
  );
  const body = byId('rows');
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  rows.forEach(({ name, type, parameters, norm, gradient, change }, index) => {
    let row = body.children[index];
    if (row === undefined) {
      row = pageElement(
        'tr',
        '',
        Object.assign(pageElement('th', ''), { scope: 'row' }),
        pageElement('td', ''),
      );
      for (let cell = 0; cell < 5; cell++) row.append(pageElement('td', 'number'));
      body.append(row);
    }
    const ratio = numberOf(change) / numberOf(norm);
    const texts = [
      name,
      type,
      parameters.toLocaleString('en'),
      numberText(numberOf(norm)),
      gradient === null ? '–' : numberText(numberOf(gradient)),
      change === null ? '–' : numberText(numberOf(change)),
      change === null || !Number.isFinite(ratio) ? '–' : numberText(ratio),
    ];
    texts.forEach((text, cell) => {
      const element = row.children[cell];
      if (element !== undefined) setText(element, text);
    });
  });
};
