type AnyFunction = (...rest: never[]) => unknown;

/** Replaced functions of tfjs, put back in reverse order by `restore`. */
export interface Patches {
  replace(target: object, name: string, make: (original: AnyFunction) => AnyFunction): void;
  onRestore(undo: () => void): void;
  restore(): void;
}

export function createPatches(): Patches {
  const undos: (() => void)[] = [];
  return {
    replace(target, name, make) {
      const holder = target as Record<string, unknown>;
      const wasOwn = Object.hasOwn(holder, name);
      const original = holder[name];
      holder[name] = make(original as AnyFunction);
      undos.push(() => {
        if (wasOwn) {
          holder[name] = original;
        } else {
          delete holder[name];
        }
      });
    },
    onRestore(undo) {
      undos.push(undo);
    },
    restore() {
      for (const undo of undos.splice(0).reverse()) {
        undo();
      }
    },
  };
}
