/** The files of a SavedModel. */
export const FILES = {
  graph: 'saved_model.pb',
  metadata: 'keras_metadata.pb',
  variables: 'variables/variables',
} as const;
