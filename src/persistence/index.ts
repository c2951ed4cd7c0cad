export * from './callback-backup-and-restore';
export * from './callback-model-checkpoint';
export * from './json';
export * from './keras-hdf5';
export * from './keras-weights-hdf5';
export * from './onnx';
export * from './serialize';
export * from './tfjs';
