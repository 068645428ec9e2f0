/** The process of one contender: loads its meter, then works when told to. Started by `startContender`. */
import type { ContenderReply, ContenderRequest } from './contender.js';
import type { StartMeter } from './meter.js';

const METERS: Readonly<Record<string, () => Promise<StartMeter>>> = {
  training: async () => (await import('./meters/training.js')).startTrainingMeter,
  matmul: async () => (await import('./meters/matmul.js')).startMatmulMeter,
  convolution: async () => (await import('./meters/convolution.js')).startConvolutionMeter,
  hashing: async () => (await import('./meters/hashing.js')).startHashingMeter,
  intervals: async () => (await import('./meters/intervals.js')).startIntervalMeter,
  runs: async () => (await import('./meters/runs.js')).startRunMeter,
  disputes: async () => (await import('./meters/disputes.js')).startDisputeMeter,
  'tfjs-training': async () => (await import('./peers/tfjs-training.js')).startTfjsTrainingMeter,
  'tfjs-matmul': async () => (await import('./peers/tfjs-matmul.js')).startTfjsMatmulMeter,
  'tfjs-convolution': async () => (await import('./peers/tfjs-convolution.js')).startTfjsConvolutionMeter,
  'peer-hashing': async () => (await import('./peers/hashing.js')).startPeerHashingMeter,
};

const [name = '', options = '{}'] = process.argv.slice(2);
const load = METERS[name];
if (load === undefined || process.send === undefined) throw new Error(`'${name}' is not a meter of a parent process`);
const meter = await (await load())(JSON.parse(options));
const reply = (message: ContenderReply): void => {
  process.send!(message);
};

process.on('message', async (request: ContenderRequest | 'close') => {
  if (request === 'close') {
    await meter.close();
    process.disconnect();
    return;
  }
  try {
    reply({ figure: await meter.sample(request.what, request.milliseconds) });
  } catch (error) {
    reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
reply({ figure: 0 });
