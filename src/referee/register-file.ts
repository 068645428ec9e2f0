/** Which of the machine's registers are taken while microcode is emitted. */
import { REGISTER_COUNT } from './machine-instructions.js';
import { Misfit } from './misfit.js';

export interface RegisterFile {
  /** Takes the free register with the lowest number; throws {@link Misfit} where none is free. */
  take(): number;
  /** Takes a certain register, which must be free. */
  claim(register: number): void;
  free(register: number): void;
}

export function createRegisterFile(): RegisterFile {
  const taken = new Array<boolean>(REGISTER_COUNT).fill(false);
  const claim = (register: number): void => {
    if (taken[register] !== false) throw new Error(`register ${register} is taken`);
    taken[register] = true;
  };
  return {
    take: () => {
      const register = taken.indexOf(false);
      if (register < 0) throw new Misfit('registers', REGISTER_COUNT + 1);
      claim(register);
      return register;
    },
    claim,
    free: (register) => {
      taken[register] = false;
    },
  };
}
