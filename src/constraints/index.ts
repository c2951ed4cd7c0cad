export * from './norms';
export * from './sign';
