export type { TokenizerFunction, TokenizerTask } from './call-styles';
export * from './embedding-file';
export * from './files';
export * from './hashing';
export * from './matrix';
export * from './tokenizer';
export type { TextLike, Texts, TextTokenizer } from './tokenizer-state';
export * from './word-sequence';
