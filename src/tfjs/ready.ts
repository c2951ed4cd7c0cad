/**
 * Imported last by each of the library's entries: waits for TensorFlow's library, which another thread has loaded while JavaScript was. An import
 * that succeeds says that it works here.
 */
import { binding } from './binding';

binding();
