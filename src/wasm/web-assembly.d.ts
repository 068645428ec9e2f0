/** What this project uses of the WebAssembly JavaScript interface; Node has it, but its types come only with the DOM. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: unique symbol;
  }
  const Module: { new (bytes: Uint8Array<ArrayBuffer>): Module };
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  const Instance: {
    new (module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Instance;
  };
  interface Memory {
    readonly buffer: SharedArrayBuffer;
  }
  const Memory: { new (descriptor: { initial: number; maximum: number; shared: true }): Memory };
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
