export * from './terminate-on-naan';
