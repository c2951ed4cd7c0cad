import * as all from '../../../src/index';
import type { LayerStep, SymbolicTensor } from '../../../src/index';
import { row, type Row } from './row';

interface WrapperRow {
  readonly about: string;
  readonly inner: () => LayerStep;
  readonly options?: object;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly params: number;
}

type Wrapper = ((options: object) => LayerStep) &
  ((object: SymbolicTensor, options: object) => SymbolicTensor);

/** A row of a wrapper: what it wraps is made anew each time. */
const wrapperRow = (functionName: string, wrapper: unknown, definition: WrapperRow): Row => {
  const call = wrapper as Wrapper; // the compiler cannot choose among the overloads
  const { inner, options = {}, ...rest } = definition;
  const whole = (): object => ({ layer: inner(), ...options });
  return {
    functionName,
    options: { layer: inner, ...options },
    piped: () => call(whole()),
    plain: (object) => call(object, whole()),
    wrong: (unknown) => call({ ...whole(), ...unknown }),
    ...rest,
  };
};

/** Cells in recurrent layers, and layers around layers. */
export const wrapperRows: readonly Row[] = [
  row('layerRnn', all.layerRnn, {
    options: { cell: all.layerLstmCell({ units: 2, dropout: 0.2, recurrentDropout: 0.2 }) },
    input: [4, 3],
    output: [2],
    params: 48,
  }),
  row('layerRnn', all.layerRnn, {
    about: 'of a stack of cells',
    options: {
      cell: [all.layerGruCell({ units: 2 }), all.layerSimpleRnnCell({ units: 3 })],
      returnSequences: true,
    },
    input: [4, 3],
    output: [4, 3],
    params: 60,
  }),
  wrapperRow('bidirectional', all.bidirectional, {
    about: 'of an LSTM',
    inner: () => all.layerLstm({ units: 2, returnSequences: true, recurrentDropout: 0.2 }),
    input: [4, 3],
    output: [4, 4],
    params: 96,
  }),
  wrapperRow('bidirectional', all.bidirectional, {
    about: 'of a GRU, summed up',
    inner: () => all.layerGru({ units: 2 }),
    options: { mergeMode: 'sum' },
    input: [4, 3],
    output: [2],
    params: 84,
  }),
  wrapperRow('timeDistributed', all.timeDistributed, {
    about: 'of a convolution',
    inner: () => all.layerConv2d({ filters: 2, kernelSize: 2 }),
    input: [3, 4, 4, 1],
    output: [3, 3, 3, 2],
    params: 10,
  }),
];
