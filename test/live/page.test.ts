/** The page of a fit in a browser. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerSgd,
  pipe,
  type History,
  type KerasModel,
} from '../../src/index';
import type { Command } from '../../src/live/commands';
import { LivePage } from '../../src/live/live-page';
import { LiveRecord } from '../../src/live/record';
import { describeInChromium } from '../support/chromium';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const ROWS = 320;
const model = (): KerasModel =>
  pipe(
    kerasModelSequential({ name: 'houses' }),
    layerDense({ units: 8, activation: 'relu', inputShape: [2] }),
    layerDense({ units: 1 }),
    compile({ optimizer: optimizerSgd({ learningRate: 0.01 }), loss: 'mse', metrics: ['mae'] }),
  );

interface Opened {
  readonly page: Page;
  readonly address: string;
  readonly fitted: Promise<History>;
  /** Lets the fit go on to an epoch: else it waits for who looks, however slow the machine is. */
  readonly allow: (epochs: number) => void;
  /** What the page asked for, and what it complained of. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

const look = async (browser: Browser, address: string, options: Parameters<Browser['newPage']>[0] = {}) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return { page, requests, complaints };
};

/** Fits, and looks at it. */
const open = async (browser: Browser, epochs: number, first = Infinity): Promise<Opened> => {
  const x = Array.from({ length: ROWS }, (_, row) => [Math.sin(row), Math.cos(row)]);
  const y = x.map(([a = 0, b = 0]) => a - 2 * b);
  let address = '';
  let allowed = first;
  const fitted = fit(model(), x, y, {
    epochs,
    batchSize: 32,
    verbose: 0,
    validationSplit: 0.25,
    view: { open: false, onAddress: (one) => void (address = one) },
    callbacks: {
      onEpochEnd: async (epoch) => {
        do await wait(30);
        while (epoch >= allowed);
      },
    },
  });
  fitted.catch(() => undefined);
  while (address === '') await wait(1);
  return { ...(await look(browser, address)), address, fitted, allow: (to) => void (allowed = to) };
};

const text = (page: Page, id: string): Promise<string> => page.locator(`#${id}`).innerText();

/** Waits until something on the page is as it is to be. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > 45_000) throw new Error('it does not come to be');
    await wait(20);
  }
};
const untilStatus = (page: Page, status: string): Promise<void> =>
  until(async () => (await text(page, 'status')) === status);

const epochsDrawn = (page: Page): Promise<number> =>
  page.locator('.chart').first().locator('.plot circle.training').count();

/** In which epoch the fit is. */
const epochOf = async (page: Page): Promise<number> => parseInt(await text(page, 'epoch'));

const axeFindings = async (page: Page): Promise<string[]> => {
  // Not as a script of the page, which its policy forbids.
  await page.evaluate(axe);
  const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

describeInChromium('the page of a fit', (browser) => {
  test('draws curves as they come, and says where the fit is', async () => {
    const { page, address, fitted, allow, requests, complaints } = await open(browser(), 12, 3);
    await until(async () => (await epochsDrawn(page)) === 3);
    expect(await page.locator('.chart h3').allInnerTexts()).toEqual(['loss', 'mae']);
    allow(8);
    await until(async () => (await epochsDrawn(page)) === 8);
    expect(await text(page, 'model')).toBe('houses');
    expect(await text(page, 'status')).toBe('Training');
    expect(await text(page, 'epoch')).toMatch(/^[89] of 12$/);
    expect(await text(page, 'step')).toMatch(/^\d of 8$/);
    expect(await text(page, 'left')).toMatch(/^\d+ s$/);
    expect(await text(page, 'rate')).toBe('0.01');
    expect(await page.title()).toMatch(/^\d+ % · houses$/);
    expect(await page.locator('.chart').first().locator('polyline.steps').getAttribute('points')).toMatch(
      /,/,
    );
    expect(await page.locator('.chart').first().locator('circle.validation').count()).toBeGreaterThan(3);
    expect(await page.locator('#rows tr').count()).toBe(2);
    expect(await page.locator('#rows tr').first().innerText()).toMatch(/dense\s+Dense\s+24\s+\d/);
    allow(Infinity);
    const { metrics } = await fitted;
    await untilStatus(page, 'The training is done');
    // The server is gone, and the page has what there was.
    const last = metrics.loss.at(-1) ?? NaN;
    const shown = await page.locator('.chart').first().locator('.values b').first().innerText();
    expect(Number(shown)).toBeCloseTo(last, 3);
    expect(await epochsDrawn(page)).toBe(12);
    expect(await page.evaluate('document.getElementById("bar").value')).toBe(1);
    expect(await page.locator('button:enabled:visible').count()).toBe(0);
    const { origin } = new URL(address);
    expect(requests.filter((url) => !url.startsWith(`${origin}/`) && url !== 'data:,')).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('holds the fit while it is paused, and lets it go on', async () => {
    const { page, fitted, complaints } = await open(browser(), 100_000);
    await until(async () => (await epochOf(page)) >= 2);
    await page.getByRole('button', { name: 'Pause' }).click();
    await untilStatus(page, 'Paused');
    const before = [await text(page, 'epoch'), await text(page, 'step'), await text(page, 'elapsed')];
    await wait(800);
    expect([await text(page, 'epoch'), await text(page, 'step'), await text(page, 'elapsed')]).toEqual(
      before,
    );
    // By the keyboard, where the button still is.
    expect(await page.evaluate('document.activeElement.id')).toBe('pause');
    await page.keyboard.press('Enter');
    await untilStatus(page, 'Training');
    const paused = parseInt(before[0] ?? '');
    await until(async () => (await epochOf(page)) > paused);
    await page.getByRole('button', { name: 'Stop …' }).click();
    await page.getByRole('button', { name: 'Stop the training' }).click();
    expect((await fitted).metrics.loss.length).toBeGreaterThan(paused);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('stops the fit, once that is confirmed', async () => {
    const { page, fitted, complaints } = await open(browser(), 100_000);
    await until(async () => (await epochOf(page)) >= 2);
    const stop = page.getByRole('button', { name: 'Stop …' });
    await stop.click();
    expect(await page.getByRole('dialog', { name: 'Stop the training?' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await wait(200);
    expect(await text(page, 'status')).toBe('Training');
    await stop.click();
    await page.getByRole('button', { name: 'Stop the training' }).click();
    const { metrics } = await fitted;
    expect(metrics.loss.length).toBeGreaterThanOrEqual(2);
    expect(metrics['val_mae']).toHaveLength(metrics.loss.length);
    await untilStatus(page, 'Stopped before its end; the history is kept');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('lowers the learning rate', async () => {
    const { page, fitted } = await open(browser(), 100_000);
    await until(async () => (await epochOf(page)) >= 2);
    await page.getByRole('button', { name: 'Halve the learning rate' }).click();
    await until(async () => (await text(page, 'rate')) === '0.005');
    await page.getByRole('button', { name: 'Divide it by 10' }).click();
    await until(async () => (await text(page, 'rate')) === '5e−4');
    await page.getByRole('button', { name: 'Stop …' }).click();
    await page.getByRole('button', { name: 'Stop the training' }).click();
    await fitted;
    await page.close();
  });

  test('shows who comes late what there was', async () => {
    const { page, address, fitted, allow } = await open(browser(), 12, 8);
    await until(async () => (await epochsDrawn(page)) === 8);
    const { page: late } = await look(browser(), address);
    await until(async () => (await late.locator('.chart').count()) === 2);
    expect(await epochsDrawn(late)).toBe(8);
    // Who leaves changes nothing.
    await page.close();
    allow(Infinity);
    expect((await fitted).metrics.loss).toHaveLength(12);
    await untilStatus(late, 'The training is done');
    await late.close();
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('can be read by all: %s, %d pixels wide', async (colorScheme, width) => {
    const { page: first, address, fitted, allow } = await open(browser(), 40, 6);
    await first.close();
    const { page } = await look(browser(), address, { colorScheme, viewport: { width, height: 844 } });
    await until(async () => (await epochsDrawn(page)) >= 3);
    expect(await axeFindings(page)).toEqual([]);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Stop …' }).click();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop the training' }).click();
    allow(Infinity);
    await fitted;
    await page.close();
  });

  test('says that it is not answered without its token', async () => {
    const { page, address, fitted, allow } = await open(browser(), 3, 1);
    const answer = await page.goto(address.replace(/token=.*/, 'token=0'));
    expect(answer?.status()).toBe(403);
    allow(Infinity);
    await fitted;
    await page.close();
  });
});

describeInChromium('a page that is told much', (browser) => {
  const opened = async () => {
    const record = new LiveRecord();
    const commands: Command[] = [];
    let address = '';
    const live = await LivePage.open(
      { open: false, port: 0, onAddress: (one) => void (address = one) },
      record,
      (command) => void commands.push(command),
    );
    record.set({
      phase: 'running',
      facts: { model: 'many', epochs: 1_000_000, initialEpoch: 0, steps: 1, batchSize: 1 },
    });
    return { record, commands, live, ...(await look(browser(), address)) };
  };
  const position = (epoch: number) => ({
    epoch,
    step: 1,
    elapsed: epoch / 1000,
    left: 60,
    stepsPerSecond: 1000,
    learningRate: 0.01,
    fixedRate: null,
  });

  test('a thousand times a second can be used, and does not grow', async () => {
    const { record, commands, live, page, complaints } = await opened();
    await page.evaluate(`
      window.drawn = 0;
      new MutationObserver((changes) => {
        if (changes.some(({ target }) => target.className === 'plot')) window.drawn++;
      }).observe(document.body, { childList: true, subtree: true })`);
    const begun = performance.now();
    let epoch = 0;
    const tell = (): void => {
      const values = { loss: 1 / (1 + epoch), accuracy: Math.random() };
      epoch++;
      record.addEpoch({ epoch, values });
      record.addSteps({ epoch, step: 1, total: epoch, values });
      record.set({ values, position: position(epoch) });
    };
    const timer = setInterval(() => {
      while (epoch < performance.now() - begun) tell();
    }, 5);
    await wait(4000);
    await page.getByRole('button', { name: 'Pause' }).click();
    await until(() => Promise.resolve(commands.length === 1));
    const elapsed = performance.now() - begun;
    clearInterval(timer);
    expect(epoch).toBeGreaterThan(3000);
    // Two panels, ten times a second, give or take one.
    const drawn = await page.evaluate<number>('window.drawn');
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThanOrEqual(2 * (elapsed / 100 + 2));
    const corners = await page.evaluate<number[]>(
      "[...document.querySelectorAll('polyline')].map((line) => line.getAttribute('points').split(' ').length)",
    );
    expect(Math.max(...corners)).toBeLessThan(1024);
    expect(await page.locator('*').count()).toBeLessThan(500);
    expect(complaints).toEqual([]);
    live.end();
    await page.close();
  });

  test('shows markup in names as it is, and numbers that are none', async () => {
    const { record, live, page, complaints } = await opened();
    const name = '<img src=x onerror="document.title=1">';
    record.setLayers({
      epoch: 0,
      gradientEpoch: 0,
      rows: [{ name, type: name, parameters: 3, norm: 'Infinity', gradient: 'NaN', change: null }],
    });
    record.set({
      phase: 'failed',
      reason: name,
      facts: { model: name, epochs: 2, initialEpoch: 0, steps: 1, batchSize: 1 },
      position: position(1),
      values: { [name]: 'NaN', constructor: 1 },
    });
    record.addEpoch({ epoch: 1, values: { [name]: 'NaN', constructor: 1 } });
    await until(async () => (await page.locator('.chart').count()) === 2);
    expect(await page.locator('.chart h3').allInnerTexts()).toEqual([name, 'constructor']);
    expect(await text(page, 'status')).toBe(`The training has failed: ${name}`);
    expect(await page.locator('.plot').first().innerText()).toContain('no finite values');
    expect(await page.locator('.values b').first().innerText()).toBe('NaN');
    expect(await page.locator('#rows td.number').nth(1).innerText()).toBe('∞');
    expect(await page.locator('#rows td.number').nth(2).innerText()).toBe('NaN');
    expect(await text(page, 'layers-caption')).toBe(
      'Euclidean norms of the weights before the first epoch, of the loss’s gradient before the first epoch on the first batch of the data.',
    );
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    live.end();
    await page.close();
  });
});
