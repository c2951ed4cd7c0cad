/** fp-ts's own, for those who import all from one place. */
export * as E from 'fp-ts/Either';
export * as TE from 'fp-ts/TaskEither';
