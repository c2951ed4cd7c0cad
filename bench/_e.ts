import { tf } from '../src/index';
import { native } from '../src/native';
try { native.checkNumerics(tf.scalar(NaN), 'the loss'); } catch (e) { console.log(JSON.stringify((e as Error).message), (e as any).constructor === Error); }
