/** Its package has no types of its own: they are those of the package that it exports again. */
declare module 'onnxruntime-node' {
  export * from 'onnxruntime-common';
}
