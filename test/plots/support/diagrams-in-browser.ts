/** What a browser says of diagrams: no label overlaps another or is cut, no line meets a box, all is read with ease. */
import { plotModel, type PlotModelOptions } from '../../../src/index';
import { describeInChromium } from '../../support/chromium';
import { axeFindings, measured } from './measure';
import { loops, nested, residual, stack, tangle } from './models';

const everything = { showLayerActivations: true, showTrainable: true } as const;
const options: readonly PlotModelOptions[] = [
  { ...everything, rankdir: 'TB' },
  { ...everything, rankdir: 'LR', theme: 'dark' },
  { rankdir: 'BT', showShapes: false },
  { rankdir: 'RL', showDtype: false, showParams: false, showLayerNames: false, expandNested: false },
];

export const checkDiagrams = (): void =>
  describeInChromium('a diagram in a browser', (browser) => {
    test.each([
      ['a stack of 60 layers', () => stack(60)],
      ['60 layers in residual blocks', () => residual(15)],
      ['models in models, several inputs and outputs', nested],
      ['shared layers that take what they have given', loops],
      ['60 layers, tangled', () => tangle(60, 1)],
      ['60 layers, tangled otherwise', () => tangle(60, 2)],
    ])('%s: labels that are whole and apart, lines that meet no box', async (_, make) => {
      const model = make();
      for (const each of options) {
        const { svg } = plotModel(model, each);
        const found = await measured(browser(), svg);
        expect({
          options: each,
          overlapping: found.overlapping,
          cut: found.cut,
          crossing: found.crossing,
        }).toEqual({ options: each, overlapping: [], cut: [], crossing: [] });
        expect(found.contrast.least).toBeGreaterThanOrEqual(4.5);
        expect(found.texts).toBeGreaterThan(3);
        expect(found.lines).toBeGreaterThan(2);
      }
    });

    test('what it is measured by finds what is wrong', async () => {
      const text = (x: number, y: number, fill = '#000'): string =>
        `<text x="${x}" y="${y}" fill="${fill}">label</text>`;
      const box = '<rect class="layer" x="20" y="20" width="20" height="30" fill="none" stroke="#000"/>';
      const frame = (content: string): string =>
        `<svg width="200" height="100" font-size="11"><g>${content}</g></svg>`;
      expect((await measured(browser(), frame(text(50, 50) + text(60, 52)))).overlapping).toEqual([
        'label | label',
      ]);
      expect((await measured(browser(), frame(text(190, 50)))).cut).toEqual(['label']);
      expect((await measured(browser(), frame(box + text(25, 40)))).cut).toEqual(['label']);
      const line = '<path class="edge" d="M0,30L100,30" fill="none"/>';
      expect((await measured(browser(), frame(box + line))).crossing).toHaveLength(1);
      const gray = await measured(
        browser(),
        frame(`<rect width="200" height="100" fill="#777777"/>${text(50, 50, '#555')}`),
      );
      expect(gray.contrast.least).toBeCloseTo(1.66, 1);
    });

    test('as a page, it has nothing that axe finds wrong', async () => {
      for (const theme of ['gray', 'dark'] as const) {
        expect(await axeFindings(browser(), plotModel(nested(), { theme }).html)).toEqual([]);
      }
      const findings = await axeFindings(browser(), '<html><body><svg role="img"></svg></body></html>');
      expect(findings.join()).toContain('svg-img-alt');
    });
  });
