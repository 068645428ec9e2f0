/** Opens the GPU of the environment. Prints its name, or the error. */
import { openDevice } from '../../../src/backends/webgpu/device.js';
import { isGensynError } from '../../../src/errors/index.js';

async function answer(): Promise<{ name: string } | { code: string; message: string; hint: string }> {
  try {
    return { name: (await openDevice()).name };
  } catch (error) {
    if (!isGensynError(error)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

const found = await answer();
process.stdout.write(JSON.stringify(found), () => process.exit(0));
