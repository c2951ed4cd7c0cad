import { tf, pipe, kerasModelSequential, layerDense, compile, fit } from '/work/main/src/index';
const main = async () => {
  const m = pipe(kerasModelSequential(), layerDense({units:64,activation:'relu',inputShape:[13]}), layerDense({units:64,activation:'relu'}), layerDense({units:1}), compile({optimizer:'rmsprop',loss:'mse',metrics:['mae']}));
  const x = tf.randomNormal([404,13]); const y = tf.randomNormal([404,1]);
  await fit(m, x, y, {epochs:1,batchSize:1,verbose:0});
  // count ops in a step
  const b: any = (tf.backend() as any); const real = b.binding;
  const names: string[] = []; let created = 0; let reads=0;
  const proxy: any = {}; for (const k of Object.getOwnPropertyNames(real)) proxy[k] = typeof real[k]==='function'? real[k].bind(real): real[k];
  proxy.executeOp = (n: string, ...r: any[]) => { names.push(n); return real.executeOp(n, ...r); };
  proxy.createTensor = (...r: any[]) => { created++; names.push('create'+JSON.stringify(r[0])); return real.createTensor(...r); };
  proxy.tensorDataSync = (...r: any[]) => { reads++; names.push('READ'); return real.tensorDataSync(...r); };
  b.binding = proxy;
  await fit(m, x.slice([0,0],[2,13]), y.slice([0,0],[2,1]), {epochs:1,batchSize:1,verbose:0, shuffle:true});
  b.binding = real;
  console.log(names.length, created, reads); console.log(names.join(' '));
  const t = performance.now(); await fit(m, x, y, {epochs:3,batchSize:1,verbose:0}); console.log('ours', (performance.now()-t)/1212);
  const q = tf.sequential({layers:[tf.layers.dense({units:64,activation:'relu',inputShape:[13]}),tf.layers.dense({units:64,activation:'relu'}),tf.layers.dense({units:1})]});
  q.compile({optimizer:'rmsprop',loss:'meanSquaredError',metrics:['mae']});
  await q.fit(x,y,{epochs:1,batchSize:1,verbose:0});
  const names1: string[] = []; proxy.executeOp = (n: string, ...r: any[]) => { names1.push(n); return real.executeOp(n, ...r); };
  proxy.createTensor = (...r: any[]) => {  names1.push('create'+JSON.stringify(r[0])); return real.createTensor(...r); };
  proxy.tensorDataSync = (...r: any[]) => { names1.push('READ'); return real.tensorDataSync(...r); };
  b.binding = proxy;  await q.fit(x.slice([0,0],[2,13]), y.slice([0,0],[2,1]), {epochs:1,batchSize:1,verbose:0, shuffle:true}); b.binding=real; console.log(names1.length, names1.join(' '));
  const t2 = performance.now(); await q.fit(x, y, {epochs:3,batchSize:1,verbose:0}); console.log('tfjs', (performance.now()-t2)/1212);
};
void main();
