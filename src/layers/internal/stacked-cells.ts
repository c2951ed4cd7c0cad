import { register } from '../../tfjs/keras-layer';
import type { LayerConfig, Shape } from '../../tfjs/layer-classes';
import type { SequenceResult, SequenceRun } from './recurrence';
import { RecurrentCell, type StateShape } from './recurrent-cell';
import { freeName } from './apply';
import { cellOf } from './cell-of';
import { scopeWeights } from '../../tfjs/private';

/**
 * Cells one after the other, the output of each the input of the next. What a cell puts out in a step depends on that step and those
 * before only, so that each can run over the whole sequence before the next one does.
 */
export class StackedRNNCells extends RecurrentCell<object> {
  static readonly className: string = 'StackedRNNCells';
  readonly cells: readonly RecurrentCell<object>[];

  constructor({ cells, ...args }: { readonly cells: readonly unknown[]; readonly name?: string }) {
    super(args, {});
    this.cells = cells.map(cellOf);
    const taken = new Set<string>();
    for (const cell of this.cells) {
      cell.name = freeName(cell.name, taken);
      taken.add(cell.name);
    }
  }

  override get stateShapes(): readonly StateShape[] {
    return this.cells.flatMap(({ stateShapes }) => stateShapes);
  }

  get stateSize(): number[] {
    return this.stateShapes.map(([size = 0]) => size);
  }

  override get stepShape(): StateShape {
    return this.cells.at(-1)?.stepShape ?? [];
  }

  override get stepShapes(): readonly StateShape[] {
    return this.cells.at(-1)?.stepShapes ?? [];
  }

  override get takesSeveral(): boolean {
    return this.cells[0]?.takesSeveral === true;
  }

  override build(inputShape: Shape | Shape[]): void {
    let shape = inputShape;
    const [rows = null] = [shape].flat(2);
    for (const cell of this.cells) {
      scopeWeights(cell, cell.name);
      cell.build(shape);
      cell.built = true;
      const outputs = cell.stepShapes.map((output) => [rows, ...output]);
      shape = outputs.length === 1 ? (outputs[0] as Shape) : outputs;
    }
    super.build(inputShape);
  }

  override run(run: SequenceRun): SequenceResult {
    const ends: SequenceResult['ends'] = [];
    let used = 0;
    let { x, parts, timeMajor, backwards } = run;
    let output = x;
    this.cells.forEach((cell, index) => {
      const count = cell.stateShapes.length;
      const isLast = index === this.cells.length - 1;
      const result = cell.run({
        ...run,
        x,
        parts,
        timeMajor,
        backwards,
        first: run.first?.slice(used, used + count),
        // What comes before a step that is not there does not matter inside.
        zeroOutputs: isLast && run.zeroOutputs,
        sequences: !isLast || run.sequences,
      });
      used += count;
      ends.push(...result.ends);
      output = result.output;
      // From now on in the order of the run.
      [x, timeMajor, backwards] = [output, true, false];
      parts = cell.stepShapes.length === 1 ? undefined : cell.stepShapes;
    });
    return { output, ends };
  }

  override getConfig(): LayerConfig {
    const cells = this.cells.map((cell) => ({ className: cell.getClassName(), config: cell.getConfig() }));
    return { ...super.getConfig(), cells }; // as tfjs has it
  }
}
register(StackedRNNCells);
