export * from './norms';
