/**
 * V8 tells registries of what it has found one after the other, in a task each. Where the only one that was still to be told is dropped before its task, that
 * finds none, and V8, which waits for it (11.3 does, in Node.js 20), tells no registry of the program anything any more. This one is never dropped, and is to
 * be told of something after each collection.
 */
const neverDropped: FinalizationRegistry<undefined> = new FinalizationRegistry(() => enlist());
const enlist = (): void => neverDropped.register({}, undefined);

let isKept = false;

/** Has V8 go on to tell registries of what it finds, whatever others do with theirs. */
export const keepTelling = (): void => {
  if (isKept) return;
  isKept = true;
  enlist();
};
