/** What `gensyn doctor` says of the `tensorflow` backend. */
import { type BackendStatus, TENSORFLOW } from '../../backends/registry.js';
import { NOT_CANONICAL } from './tensorflow-backend.js';
import { openTfjs, type TfjsModules } from './tfjs-package.js';

/** Looks for a package, as a training would. That there is none is a finding, not an error. */
export async function examineTensorflow(modules?: TfjsModules): Promise<BackendStatus> {
  try {
    const { package: name, backend, passedOver } = await openTfjs(new Set(), modules);
    const others = passedOver.length === 0 ? '' : `; passed over: ${passedOver.join('; ')}`;
    const reason = `${NOT_CANONICAL}${others}`;
    return { name: TENSORFLOW, available: true, canonical: false, device: `${name} (${backend})`, reason };
  } catch (error) {
    return { name: TENSORFLOW, available: false, canonical: false, device: '', reason: (error as Error).message };
  }
}
